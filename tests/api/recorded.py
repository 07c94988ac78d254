"""Numbers that Lava 0.10.0 computed: the cases, and processes made of them."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from lava_hw import Loihi2SimCfg, SignMode, Sink, Source
from lava_hw.graph.discover import find_models
from lava_hw.magma.core.learning import learning_rule

FOLDER = Path(__file__).parent / "data"
DATA = json.loads((FOLDER / "lava_fixed.json").read_text())
Case = dict[str, Any]
CASES: dict[str, Case] = {
    case["id"]: case
    for path in sorted(FOLDER.glob("lava_fixed*.json"))
    for case in json.loads(path.read_text())["cases"]
}


def make(case: Case) -> Any:
    """The process of a case."""
    module, _, name = case["process"].rpartition(".")
    home = import_module(module)
    args: dict[str, Any] = {}
    for key, value in case["args"].items():
        if key in ("shape", "input_shape"):
            value = tuple(value)
        elif isinstance(value, dict) and "csr_dense" in value:
            value = csr_matrix(np.array(value["csr_dense"]))
        elif isinstance(value, dict) and "class" in value:
            value = make_rule(**value)
        elif isinstance(value, str) and "." in value:
            kind, member = value.split(".")  # a member of an enumeration
            value = (SignMode if kind == "SignMode" else getattr(home, kind))[member]
        elif isinstance(value, list):
            value = np.array(value)
        args[key] = value
    return getattr(home, name)(**args)


def make_rule(**given: Any) -> Any:
    """A learning rule."""
    kind = getattr(learning_rule, given.pop("class"))
    if kind is learning_rule.Loihi3FLearningRule:
        given = {key: value for key, value in given.items() if key[0] != "y"}
    return kind(**{key.removesuffix("_str"): value for key, value in given.items()})


def configuration(case: Case, process: Any) -> Loihi2SimCfg:
    """Sources and sinks in integers; the model of the case, where its tag is one of its own."""
    if case["tag"] in ("fixed_pt", "floating_pt"):
        return Loihi2SimCfg(select_tag=case["tag"])
    (model,) = [m for m in find_models(type(process)) if m.__name__ == case["model"]]
    return Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={process: model})


def connect(case: Case, process: Any, steps: int = 0) -> dict[str, Any]:
    """Source for each input, sink for each output, as the numbers were made; longer if `steps` says so."""
    steps = max(steps, case["steps"])
    for name, values in case["inputs"].items():
        port = getattr(process, name)
        data = np.asarray(values).reshape((len(values), *port.shape))
        assert len(values) == case["steps"]
        rest = np.zeros((steps - len(values), *port.shape), data.dtype)
        Source(data=np.moveaxis(np.concatenate([data, rest]), 0, -1)).s_out.connect(port)
    sinks = {}
    for name in case["outputs"]:
        port = getattr(process, name)
        sinks[name] = Sink(shape=port.shape, buffer=steps)
        port.connect(sinks[name].a_in)
    return sinks


def check_outputs(case: Case, sinks: dict[str, Any]) -> None:
    """Hold what arrived in sinks equal to what was recorded."""
    for name, sink in sinks.items():
        got = np.moveaxis(sink.data.get(), -1, 0)[: case["steps"]]
        np.testing.assert_array_equal(got, np.asarray(case["outputs"][name]), f"{case['id']}.{name}")
