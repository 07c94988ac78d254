"""Python models and the golden interpreter, against a plain loop in numpy."""

from __future__ import annotations

import time

import numpy as np

from bench.cosim import Case, timed_run
from bench.figures import Results
from bench.networks import Network, layer, plain_loop
from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps

CHECKED_STEPS = 200


def check(size: int) -> None:
    """Compare the plain loop with the Python models, so that all measure the same work.

    Raises
    ------
    RuntimeError
        If a spike differs.
    """
    network = layer(size, CHECKED_STEPS)
    network.start.run(RunSteps(CHECKED_STEPS), Loihi2SimCfg(select_tag="fixed_pt"))
    spikes = network.sink.data.get().T
    network.start.stop()
    if not spikes.any() or not np.array_equal(spikes, plain_loop(network, CHECKED_STEPS)):
        raise RuntimeError(f"the plain loop and the Python models of a layer of {size} differ")


def plain_rate(network: Network, steps: int) -> float:
    """Give steps per second of the plain loop."""
    begin = time.perf_counter()
    plain_loop(network, steps)
    return steps / (time.perf_counter() - begin)


def measure(results: Results, size: int, chip: str, steps: int, warm: int, runs: int) -> None:
    """Measure one layer on all three, one run of each in turn."""
    check(size)
    network = layer(size)
    case = Case(f"layer {size}", lambda: layer(size).start, HwRunCfg(device="golden", chip=chip), warm, steps)
    plain, python, golden = [], [], []
    for _ in range(runs):
        plain.append(plain_rate(network, steps))
        python.append(timed_run(case, Loihi2SimCfg(select_tag="fixed_pt"))[0])
        golden.append(timed_run(case, case.run_cfg)[0])
    for name, rates in (("plain numpy loop", plain), ("Python models", python), ("golden", golden)):
        results.add(f"layer {size}/{name}", "steps/s", rates, steps=steps)
    for name, rates in (("Python models", python), ("golden", golden)):
        ratios = [one / other for one, other in zip(rates, plain, strict=True)]
        results.add(f"layer {size}/{name} to plain loop", "ratio", ratios, steps=steps)


def measure_case(results: Results, case: Case, runs: int) -> None:
    """Measure any network on the Python models and on golden."""
    golden = HwRunCfg(device="golden", chip=case.run_cfg.chip)
    for name, run_cfg in (("Python models", Loihi2SimCfg(select_tag="fixed_pt")), ("golden", golden)):
        rates = [timed_run(case, run_cfg)[0] for _ in range(runs)]
        results.add(f"{case.name}/{name}", "steps/s", rates, steps=case.steps)
