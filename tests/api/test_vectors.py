"""Fixed-point models against numbers that Lava 0.10.0 computed, without tolerance."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import Monitor, RunSteps, SignMode
from lava_hw.utils.weightutils import clip_weights, optimize_weight_bits, truncate_weights
from tests.api.recorded import CASES, DATA, check_outputs, configuration, connect, make

# Recorded cases go to the limits of what Lava takes, and beyond, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")


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
