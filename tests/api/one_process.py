"""Runs one process between sources and sinks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw import AbstractProcess, Loihi2SimCfg, RunSteps, Sink, Source

FIXED = Loihi2SimCfg(select_tag="fixed_pt")
FLOAT = Loihi2SimCfg()


def run(
    process: AbstractProcess,
    inputs: Mapping[str, npt.ArrayLike],
    steps: int,
    cfg: Loihi2SimCfg = FIXED,
    outputs: list[str] | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Run, and stop.

    Parameters
    ----------
    inputs : dict
        For each InPort that gets something: values of shape (steps, *shape).
    outputs : list of str, optional
        OutPorts, by default all.

    Returns
    -------
    dict
        For each output its values, (steps, *shape); for each Var its last value.
    """
    for name, values in inputs.items():
        port = getattr(process, name)
        data = np.asarray(values).reshape((steps, *port.shape))
        Source(data=np.moveaxis(data, 0, -1)).s_out.connect(port)
    sinks = {}
    for name in process.out_ports.member_names if outputs is None else outputs:
        port = getattr(process, name)
        sinks[name] = Sink(shape=port.shape, buffer=steps)
        port.connect(sinks[name].a_in)
    with process:
        process.run(RunSteps(steps), cfg)
        found = {name: np.moveaxis(sink.data.get(), -1, 0) for name, sink in sinks.items()}
        return found | {var.name: var.get() for var in process.vars}
