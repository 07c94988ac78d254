"""Keyword arguments that no part of a process of the library looks at."""

from __future__ import annotations

import copy
import re
import warnings
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    DelayDense,
    Dense,
    HwRunCfg,
    LearningDense,
    LIFRefractory,
    LIFReset,
    Loihi2SimCfg,
    Monitor,
    RunSteps,
    Sink,
    Source,
    TernaryLIF,
    compile_network,
)
from lava_hw.errors import UnknownArgumentWarning
from lava_hw.proc.bit_check.process import BitCheck
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.conv_in_time.process import ConvInTime
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector
from lava_hw.proc.io.sink import Read
from lava_hw.proc.learning_rules.stdp_learning_rule import STDPLoihi
from lava_hw.proc.lif.process import LearningLIF
from lava_hw.proc.sdn.process import SigmaDelta
from lava_hw.proc.sparse.process import DelaySparse, LearningSparse, Sparse
from lava_hw.utils.weightutils import SignMode

WEIGHTS = np.full((2, 2), 4)
RULE = STDPLoihi(learning_rate=1, A_plus=1, A_minus=-1, tau_plus=10, tau_minus=10, t_epoch=2)
CASES: list[tuple[Any, dict[str, Any], str, str]] = [
    (LIF, {"shape": (2,)}, "v_th", "'vth'"),
    (LIF, {"shape": (2,)}, "bias", "'bias_mant' or 'bias_exp'"),
    (LIFReset, {"shape": (2,)}, "reset_intervall", "'reset_interval'"),
    (LIFRefractory, {"shape": (2,)}, "refractory_periode", "'refractory_period'"),
    (LearningLIF, {"shape": (2,)}, "Vth", "'vth'"),
    (PrototypeLIF, {"shape": (2,)}, "d_u", "'du'"),
    (SigmaDelta, {"shape": (2,), "vth": 1}, "act_mod", "'act_mode'"),
    (Dense, {"weights": WEIGHTS}, "weights_exp", "'weight_exp'"),
    (Dense, {"weights": WEIGHTS}, "signmode", "'sign_mode'"),
    (DelayDense, {"weights": WEIGHTS, "delays": 1}, "max_delays", "'max_delay'"),
    (Sparse, {"weights": WEIGHTS}, "num_weights_bits", "'num_weight_bits'"),
    (DelaySparse, {"weights": WEIGHTS, "delays": 1}, "delay", "'delays'"),
    (LearningDense, {"weights": WEIGHTS, "learning_rule": RULE}, "tag2", "'tag_2'"),
    (LearningSparse, {"weights": WEIGHTS, "learning_rule": RULE}, "rule", ""),
    (ConvInTime, {"weights": np.ones((2, 2, 2))}, "num_message_bit", "'num_message_bits'"),
    (Source, {"data": np.ones((2, 3))}, "nam", "'name'"),
    (Sink, {"shape": (2,), "buffer": 3}, "buffers", "'buffer'"),
    (Read, {"buffer": 3}, "intervall", "'interval'"),
    (Monitor, {}, "Name", "'name'"),
    (BitCheck, {}, "bit", "'bits'"),
    (Injector, {"shape": (2,)}, "buffersize", "'buffer_size'"),
    (Extractor, {"shape": (2,)}, "channel_cfg", "'channel_config'"),
]


@pytest.mark.parametrize(("kind", "needed", "wrong", "right"), CASES)
def test_the_nearest_parameter_and_all_of_them_are_named(
    kind: Any, needed: dict[str, Any], wrong: str, right: str
) -> None:
    meant = f" (did you mean {right}?)" if right else ""
    title = {Source: "Source", Sink: "Sink"}.get(kind, kind.__name__)
    begins = re.escape(
        f"{title} has no parameter '{wrong}'{meant}; it has no effect but on models of your own"
    )
    with pytest.warns(UnknownArgumentWarning, match=begins) as caught:
        process = kind(**needed, **{wrong: 1})
    assert [w.filename for w in caught] == [__file__], "one warning, at the line of the program"
    for name in (*needed, "name", "log_config"):
        assert re.search(rf"Parameters: .*\b{name}\b", str(caught[0].message))
    assert process.proc_params[wrong] == 1, "as in Lava"
    assert process._notices == [caught[0].message]


def test_several_are_named_by_one_warning_with_the_name_of_the_process() -> None:
    with pytest.warns(
        UnknownArgumentWarning, match="LIF 'cells' has no parameter 'v_th' .*, 'xyzzy'; they have"
    ) as w:
        LIF(shape=(1,), name="cells", v_th=3, xyzzy=4)
    assert len(w) == 1


def test_what_models_look_for_is_known() -> None:
    Dense(weights=WEIGHTS, weight_exp=1, num_weight_bits=6, sign_mode=SignMode.EXCITATORY)
    Sparse(weights=WEIGHTS, weight_exp=1, num_weight_bits=6, sign_mode=SignMode.EXCITATORY)
    LearningDense(weights=WEIGHTS, learning_rule=RULE, weight_exp=1, num_weight_bits=6, tag_1=3)


def test_a_process_that_takes_no_others_still_refuses_them() -> None:
    with pytest.raises(TypeError, match="vth"):
        TernaryLIF(shape=(2,), vth=3)  # type: ignore[call-arg]


def test_subclasses_of_users_pass_on_what_they_like() -> None:
    class Mine(LIF):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(own=3, **kwargs)

    class Plain(Dense):
        pass

    assert Mine(shape=(2,), v_th=5).proc_params["own"] == 3
    assert Plain(weights=WEIGHTS, anything=1).proc_params["anything"] == 1


@pytest.mark.filterwarnings("ignore::lava_hw.errors.UnknownArgumentWarning")  # they are raised below
@pytest.mark.parametrize("way", ["run", "create_runtime", "compile", "compile_network"])
def test_a_strict_configuration_raises_it_when_it_builds(way: str) -> None:
    def build(strict: bool) -> None:
        cells = LIF(shape=(2,), v_th=3)
        cfg = Loihi2SimCfg(select_tag="fixed_pt", strict=strict)
        if way == "run":
            cells.run(RunSteps(1), cfg)
        elif way == "create_runtime":
            cells.create_runtime(cfg)
        elif way == "compile":
            cells.compile(cfg)
        else:
            compile_network(cells, "test8", HwRunCfg(device="golden", strict=strict))
        cells.stop()

    build(False)
    with pytest.raises(UnknownArgumentWarning, match="LIF has no parameter 'v_th'"):
        build(True)


def test_a_filter_makes_it_an_error_at_the_constructor() -> None:
    with warnings.catch_warnings(), pytest.raises(UnknownArgumentWarning):
        warnings.simplefilter("error")
        LIF(shape=(2,), v_th=3)


def test_copies_keep_the_warning() -> None:
    with pytest.warns(UnknownArgumentWarning):
        cells = LIF(shape=(2,), v_th=3)
    assert [str(n) for n in copy.deepcopy(cells)._notices] == [str(n) for n in cells._notices]
