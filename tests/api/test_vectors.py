"""Fixed-point models against numbers that Lava 0.10.0 computed, without tolerance."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import Loihi2SimCfg, Monitor, RunSteps, SignMode, Sink, Source
from lava_hw.graph.discover import find_models
from lava_hw.magma.core.learning import learning_rule
from lava_hw.utils.weightutils import clip_weights, optimize_weight_bits, truncate_weights

# Recorded cases go to the limits of what Lava takes, and beyond, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

FOLDER = Path(__file__).parent / "data"
DATA = json.loads((FOLDER / "lava_fixed.json").read_text())
CASES = {
    case["id"]: case
    for path in sorted(FOLDER.glob("lava_fixed*.json"))
    for case in json.loads(path.read_text())["cases"]
}


def make(case):
    module, _, name = case["process"].rpartition(".")
    home = import_module(module)
    args = {}
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


def make_rule(**given):
    kind = getattr(learning_rule, given.pop("class"))
    if kind is learning_rule.Loihi3FLearningRule:
        given = {key: value for key, value in given.items() if key[0] != "y"}
    return kind(**{key.removesuffix("_str"): value for key, value in given.items()})


def configuration(case, process):
    """Sources and sinks in integers; the model of the case, where its tag is one of its own."""
    if case["tag"] in ("fixed_pt", "floating_pt"):
        return Loihi2SimCfg(select_tag=case["tag"])
    (model,) = [m for m in find_models(type(process)) if m.__name__ == case["model"]]
    return Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={process: model})


def connect(case, process):
    """Source for each input, sink for each output, as the numbers were made."""
    for name, values in case["inputs"].items():
        port = getattr(process, name)
        data = np.asarray(values).reshape((len(values), *port.shape))
        assert len(values) == case["steps"]
        Source(data=np.moveaxis(data, 0, -1)).s_out.connect(port)
    sinks = {}
    for name in case["outputs"]:
        port = getattr(process, name)
        sinks[name] = Sink(shape=port.shape, buffer=case["steps"])
        port.connect(sinks[name].a_in)
    return sinks


def check_outputs(case, sinks):
    for name, sink in sinks.items():
        np.testing.assert_array_equal(np.moveaxis(sink.data.get(), -1, 0), np.asarray(case["outputs"][name]))


@pytest.mark.parametrize("case_id", CASES)
def test_step_by_step(case_id):
    case = CASES[case_id]
    process = make(case)
    sinks = connect(case, process)
    cfg = configuration(case, process)
    with process:
        for step in range(case["steps"]):
            process.run(RunSteps(1), cfg)
            for name, expected in case["vars"].items():
                got = getattr(process, name).get()
                got = got.toarray() if hasattr(got, "toarray") else got
                np.testing.assert_array_equal(
                    got, np.asarray(expected[step]), f"{name} after step {step + 1}"
                )
        assert process.model_class.__name__ == case["model"]
        check_outputs(case, sinks)


@pytest.mark.parametrize("case_id", CASES)
def test_in_one_run_with_a_monitor(case_id):
    case = CASES[case_id]
    process = make(case)
    process.name = "tested"
    sinks = connect(case, process)
    monitor = Monitor()
    for name in case["vars"]:
        monitor.probe(getattr(process, name), case["steps"])
    with process:
        process.run(RunSteps(case["steps"]), configuration(case, process))
        check_outputs(case, sinks)
        for name, expected in case["vars"].items():
            np.testing.assert_array_equal(monitor.get_data()["tested"][name], np.asarray(expected), name)


@pytest.mark.parametrize("case", DATA["weight_utils"]["clip_truncate"])
def test_clip_and_truncate(case):
    mode = SignMode[case["sign_mode"]]
    clipped = clip_weights(np.array(case["weights"]), mode, num_bits=8)
    assert clipped.tolist() == case["clip8"]
    assert truncate_weights(clipped, mode, case["num_weight_bits"]).tolist() == case["clip_then_truncate"]


@pytest.mark.parametrize("case", DATA["weight_utils"]["optimize_weight_bits"])
def test_optimize_weight_bits(case):
    result = optimize_weight_bits(np.array(case["weights"]), SignMode[case["sign_mode"]], case["loihi2"])
    assert result.weights.tolist() == case["out"]
    assert (result.num_weight_bits, result.weight_exp) == (case["num_weight_bits"], case["weight_exp"])


@pytest.mark.parametrize(
    ("mode", "weight"),
    [("MIXED", -257), ("MIXED", 256), ("EXCITATORY", -1), ("EXCITATORY", 256), ("INHIBITORY", 1)],
)
def test_optimize_weight_bits_refuses_what_is_out_of_range(mode, weight):
    with pytest.raises(ValueError, match=mode):
        optimize_weight_bits(np.array([[weight]]), SignMode[mode])
