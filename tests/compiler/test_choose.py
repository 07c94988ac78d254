"""Which model each process gets: what does not fit is named at once, or moved; requirements are checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, RunSteps
from lava_hw.compiler import CompileError, NotOnChip, UnfitProcesses, choose_models, compile_network
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.ports import PyInPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.process.ports.ports import InPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import CPU, NeuroCore
from lava_hw.magma.core.run_configs import Loihi2HwCfg, Loihi2SimCfg
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.proc.lif.hw_models import HwLif
from lava_hw.proc.lif.models import PyLifModelBitAcc
from tests.compiler.processes import Answers

WEIGHTS = np.array([[2, -4], [6, 8]])


def chain(**changes: dict[str, Any]) -> dict[str, Any]:
    """Source -> first LIF -> Dense -> second LIF -> Sink; `changes` are arguments by name of the process."""
    made: dict[str, Any] = {
        "source": Source(data=np.ones((2, 20), int)),
        "first": LIF(name="first", **{"shape": (2,), "vth": 100, "du": 4095, **changes.get("first", {})}),
        "dense": Dense(name="dense", **{"weights": WEIGHTS, **changes.get("dense", {})}),
        "second": LIF(
            name="second", **{"shape": (2,), "vth": 1, "bias_mant": 3, **changes.get("second", {})}
        ),
        "sink": Sink(shape=(2,), buffer=20),
    }
    for source, target in (
        (made["source"].s_out, made["first"].a_in),
        (made["first"].s_out, made["dense"].s_in),
        (made["dense"].a_out, made["second"].a_in),
        (made["second"].s_out, made["sink"].a_in),
    ):
        source.connect(target)
    return made


UNFIT = {"first": {"du": -(2**32)}, "dense": {"num_weight_bits": 9}}


def spikes(made: dict[str, Any], run_cfg: Any) -> Any:
    made["sink"].run(RunSteps(20), run_cfg)
    try:
        return made["sink"].data.get()
    finally:
        made["sink"].stop()


def where(made: dict[str, Any], run_cfg: HwRunCfg) -> dict[str, str]:
    return {p.name: p.reason for p in choose_models(made["sink"], run_cfg).processes}


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
def test_all_that_does_not_fit_is_named_at_once() -> None:
    with pytest.raises(UnfitProcesses) as caught:
        choose_models(chain(**UNFIT)["sink"], HwRunCfg(device="golden"))
    text = str(caught.value)
    assert text.startswith("2 processes cannot run on the chip:\n")
    assert "first: du is -4294967296; the chip holds -2147479552 to 2147483647\n" in text
    assert "dense: num_weight_bits is 9; the chip holds 0 to 8\n" in text
    assert [error.process for error in caught.value.refused] == ["first", "dense"]  # type: ignore[attr-defined]
    assert (caught.value.process, caught.value.parameter) == ("first", "du")


def pasted(text: str) -> list[HwRunCfg]:
    """The run configurations of a message, as if its indented lines were pasted into a program."""
    made: list[HwRunCfg] = []
    scope: dict[str, Any] = {"HwRunCfg": HwRunCfg, "Loihi2HwCfg": Loihi2HwCfg}
    for line in text.splitlines():
        if line.startswith("    "):
            exec(line.strip(), scope)
            if "run_cfg" in line:
                made.append(scope["run_cfg"])
    return made


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
@pytest.mark.parametrize("which", [0, 1])
def test_the_snippets_can_be_pasted(which: int) -> None:
    """Either of them runs the network, with the bits of all-Python."""
    with pytest.raises(UnfitProcesses) as caught:
        compile_network(chain(**UNFIT)["sink"], "test8", HwRunCfg(device="golden"))
    made = chain(**UNFIT)
    run_cfg = pasted(str(caught.value))[which]
    reasons = where(made, run_cfg)
    assert (reasons["first"] != "", reasons["dense"] != "", reasons["second"]) == (True, True, "")
    want = spikes(chain(**UNFIT), Loihi2SimCfg(select_tag="fixed_pt"))
    assert np.array_equal(spikes(made, run_cfg), want)
    assert want.any()


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
def test_unfit_moves_what_does_not_fit_and_says_why() -> None:
    made = chain(**UNFIT)
    reasons = where(made, HwRunCfg(device="golden", unfit="python"))
    assert reasons["first"] == "unfit: du is -4294967296; the chip holds -2147479552 to 2147483647"
    assert reasons["dense"] == "unfit: num_weight_bits is 9; the chip holds 0 to 8"
    assert reasons["second"] == ""
    assert made["first"].model_class is PyLifModelBitAcc
    assert made["dense"].model_class is PyDenseModelBitAcc


def test_a_dense_may_be_moved_from_between_two_lifs_of_the_chip() -> None:
    made = chain(dense={"num_weight_bits": 9})
    run_cfg = HwRunCfg(device="golden", unfit="python")
    assert [name for name, reason in where(made, run_cfg).items() if not reason] == ["first", "second"]
    want = spikes(chain(dense={"num_weight_bits": 9}), Loihi2SimCfg(select_tag="fixed_pt"))
    assert np.array_equal(spikes(made, run_cfg), want)


class Gated(LIF):
    """A LIF with one more port."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.gate = InPort(shape=arguments["shape"])


@implements(proc=Gated, protocol=LoihiProtocol)
@requires(NeuroCore)
class HwGated(HwLif):
    """For the chip, where nothing can come through the gate."""


@implements(proc=Gated, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyGated(PyLifModelBitAcc):
    """Takes what comes through the gate, and leaves it."""

    gate = LavaPyType(PyInPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        """A step."""
        self.gate.recv()
        super().run_spk()


def gated() -> dict[str, Any]:
    first, dense = LIF(shape=(2,), bias_mant=50, vth=3), Dense(weights=WEIGHTS, name="dense")
    cells, sink = Gated(shape=(2,), name="cells", vth=3, bias_mant=40), Sink(shape=(2,), buffer=20)
    first.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    dense.a_out.connect(cells.gate)
    cells.s_out.connect(sink.a_in)
    return {"sink": sink}


def test_what_is_linked_in_a_way_that_the_chip_has_not_is_moved_too() -> None:
    with pytest.raises(UnfitProcesses, match=r"cells\.gate is linked, but the chip model") as caught:
        choose_models(gated()["sink"], HwRunCfg(device="golden"))
    want = spikes(gated(), Loihi2SimCfg(select_tag="fixed_pt"))
    assert want.any()
    reasons = []
    for run_cfg in pasted(str(caught.value)):
        reasons.append(where(gated(), run_cfg))
        assert np.array_equal(spikes(gated(), run_cfg), want)
    assert reasons[0]["cells"].startswith("unfit: cells.gate is linked, but")
    assert reasons[1]["cells"] == "asked for"
    assert [reason["dense"] for reason in reasons] == ["", ""]


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
def test_a_process_without_elements_is_one_of_them() -> None:
    made = [
        LIF(shape=(0,), name="none"),
        LIF(shape=(1,), name="some"),
        LIF(shape=(1,), du=-(2**32), name="bad"),
    ]
    with pytest.raises(NotOnChip, match="none has no elements") as caught:
        choose_models(made, HwRunCfg(device="golden"))
    assert "bad: du is" in str(caught.value)
    moved = choose_models(made, HwRunCfg(device="golden", unfit="python"))
    assert [p.on_chip for p in moved.processes] == [False, True, False]


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
def test_a_chip_model_that_is_asked_for_is_not_moved() -> None:
    """Named in exception_proc_model_map, it stays an error with unfit="python"."""
    run_cfg = HwRunCfg(device="golden", unfit="python", exception_proc_model_map={LIF: HwLif})
    with pytest.raises(UnfitProcesses, match="first: du is"):
        choose_models(chain(**UNFIT)["sink"], run_cfg)


def test_python_is_named_as_asked_for() -> None:
    run_cfg = HwRunCfg(device="golden", exception_proc_model_map={"dense": PyDenseModelBitAcc})
    reasons = list(where(chain(), run_cfg).values())
    assert reasons == ["no chip model", "", "asked for", "", "no chip model"]


def test_a_name_that_no_process_has_is_refused() -> None:
    run_cfg = HwRunCfg(device="golden", exception_proc_model_map={"third": PyLifModelBitAcc})
    with pytest.raises(ValueError, match=r"no process is named 'third'; known: .*first, dense, second"):
        choose_models(chain()["sink"], run_cfg)


def test_a_configuration_of_lava_says_why_it_chose_python() -> None:
    made = chain()
    run_cfg = Loihi2HwCfg(device="golden", select_tag="floating_pt")
    assert where(made, run_cfg)["first"] == "chosen by Loihi2HwCfg"


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
def test_what_does_not_fit_a_configuration_of_lava() -> None:
    """Named at once, or moved, as with HwRunCfg."""
    with pytest.raises(UnfitProcesses, match="2 processes cannot run on the chip") as caught:
        choose_models(chain(**UNFIT)["sink"], Loihi2HwCfg(device="golden"))
    reasons = where(chain(**UNFIT), Loihi2HwCfg(device="golden", unfit="python"))
    assert reasons["first"].startswith("unfit: du is")
    for run_cfg in pasted(str(caught.value)):
        assert isinstance(run_cfg, Loihi2HwCfg)
        assert where(chain(**UNFIT), run_cfg)["second"] == ""
    with pytest.raises(NotOnChip, match=r"first \(LIF\): unfit"):
        choose_models(
            chain(**UNFIT)["sink"], Loihi2HwCfg(device="golden", unfit="python", require_chip=["first"])
        )


def test_compiling_what_has_nothing_for_the_chip_says_why() -> None:
    source, sink = Source(data=np.ones((2, 3), int)), Sink(shape=(2,), buffer=3)
    source.s_out.connect(sink.a_in)
    with pytest.raises(NotOnChip, match=r"none of the processes is on the chip \(\w+_0: no chip model, "):
        compile_network(sink, "test8")


# -- require_chip --
def required(made: dict[str, Any], require_chip: Any, **options: Any) -> str:
    """The message of what is asked for and not on the chip; empty if all is."""
    try:
        choose_models(made["sink"], HwRunCfg(device="golden", require_chip=require_chip, **options))
    except CompileError as error:
        return str(error)
    return ""


def test_require_chip_leaves_sources_and_sinks_in_python() -> None:
    assert required(chain(), True) == ""
    assert required(chain(), [LIF, "dense"]) == ""


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # what does not fit is the subject
@pytest.mark.parametrize("required_as", ["name", "process", "class", True])
def test_what_is_required_and_moved_is_an_error_with_the_reason(required_as: Any) -> None:
    made = chain(**UNFIT)
    require = {"name": ["first"], "process": [made["first"]], "class": [LIF], True: True}[required_as]
    text = required(made, require, unfit="python")
    assert "first (LIF): unfit: du is -4294967296" in text
    assert ("dense" in text) == (required_as is True)


def test_what_is_required_and_kept_in_python_is_an_error() -> None:
    text = required(chain(), ["dense"], exception_proc_model_map={Dense: PyDenseModelBitAcc})
    assert "dense (Dense): exception_proc_model_map keeps it in Python" in text


def test_a_process_in_the_middle_without_a_chip_model_is_an_error() -> None:
    source, middle, sink = (
        Source(data=np.ones((2, 3), int)),
        Answers((2,), name="mid"),
        Sink(shape=(2,), buffer=3),
    )
    source.s_out.connect(middle.inp)
    middle.out.connect(sink.a_in)
    made = {"sink": sink, "source": source}
    assert "mid (Answers): no chip model is there for its class" in required(made, True)
    assert "RingBuffer): no chip model" in required(made, [source])


def test_a_network_that_is_listed_stands_for_its_parts() -> None:
    outer = Outer(name="outer")
    run_cfg = {"device": "golden", "exception_proc_model_map": {Dense: PyDenseModelBitAcc}}
    for item in (outer, Outer, "outer"):
        with pytest.raises(NotOnChip, match=r"outer\.dense \(Dense\)"):
            choose_models(outer, HwRunCfg(require_chip=[item], **run_cfg))  # type: ignore[arg-type]


class Outer(AbstractProcess):
    """A network of a LIF and a Dense."""


@implements(proc=Outer)
class OuterModel(AbstractSubProcessModel):
    """Its parts."""

    def __init__(self, proc: AbstractProcess) -> None:
        self.lif = LIF(shape=(2,))
        self.dense = Dense(weights=WEIGHTS)
        self.lif.s_out.connect(self.dense.s_in)


def test_what_nothing_is_called_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"no process of this network is named 'third'; there are .*first, dense"
    ):
        choose_models(chain()["sink"], HwRunCfg(device="golden", require_chip=["third"]))
    with pytest.raises(ValueError, match="is Answers; there are"):
        choose_models(chain()["sink"], HwRunCfg(device="golden", require_chip=[Answers]))
    with pytest.raises(TypeError, match="can be listed, got 3"):
        choose_models(chain()["sink"], HwRunCfg(device="golden", require_chip=[3]))
