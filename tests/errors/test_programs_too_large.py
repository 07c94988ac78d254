"""Chip models of a user's that no population can hold: refused by name, with the limit and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lava_hw import HwRunCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.compiler import CompileError, DoesNotFit, UnfitProcesses, compile_network
from lava_hw.compiler.pipeline import plan
from lava_hw.errors import NothingOnChipWarning
from lava_hw.ir import Constant, FlatProcess, NeuronOutput, Neurons, NeuronState
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import CPU, NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.regs import POPULATION0
from tests.compiler.processes import legal, lif

INSTRUCTIONS, STATES = (POPULATION0.fields[name].mask for name in ("count", "nvars"))


class Own(AbstractProcess):
    """Neurons with a program of the test's."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.out = OutPort(shape=(3,))


@implements(proc=Own, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyOwn(PyLoihiProcessModel):
    """Sends nothing."""

    out = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        """One step."""
        self.out.send(np.zeros(3, np.int32))


@implements(proc=Own, protocol=LoihiProtocol)
@requires(NeuroCore)
class HwOwn(AbstractHwProcessModel):
    """A program of `body`, with `states` state variables v0, v1, ..."""

    body: tuple[str, ...] = ()
    states = 0
    constants: tuple[Constant, ...] = ()

    @classmethod
    def lower(cls, process: FlatProcess) -> Neurons:
        """Describe the process in integers."""
        return Neurons(
            name=process.name,
            process=process.name,
            size=3,
            body=cls.body,
            outputs=(NeuronOutput("out"),),
            states=tuple(NeuronState(f"v{k}", np.zeros(3, np.int32)) for k in range(cls.states)),
            constants=cls.constants,
        )


def compiled(monkeypatch: pytest.MonkeyPatch, chip: str = "default", **given: Any) -> Any:
    for name, value in given.items():
        monkeypatch.setattr(HwOwn, name, value)
    return compile_network(Own(name="mine"), chip)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"body": ("nop",) * (INSTRUCTIONS + 1)},
            rf"mine: its program cannot be held: {INSTRUCTIONS + 1} instructions; the program of a "
            rf"population has {INSTRUCTIONS} at most",
        ),
        (
            {"body": ("nop",), "states": STATES + 1},
            rf"mine has {STATES + 1} state variables, and a population has {STATES} at most",
        ),
        (
            {"body": ("mov r0, {v64}", "st [v64], r0"), "states": 65},
            r"mine: its program cannot be held: line 1: 'mov r0, \[v64\]': mov: state variable 64 is beyond "
            r"those that an instruction can name, 0 to 63",
        ),
    ],
)
def test_what_a_population_cannot_hold(monkeypatch: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UnfitProcesses, match=message + r"[^$]*exception_proc_model_map") as caught:
        compiled(monkeypatch, **given)
    assert [error.process for error in caught.value.refused] == ["mine"]
    own = Own(name="mine")
    with pytest.warns(NothingOnChipWarning, match="runs in Python: mine .unfit: mine"):
        own.run(RunSteps(2), HwRunCfg(device="golden", unfit="python"))  # the remedy works
    own.stop()


def test_a_program_may_be_longer_than_a_byte_can_count(monkeypatch: Any) -> None:
    """The microcode memory is the limit then; of 65 state variables 64 are named."""
    body = ("mov r0, #1", *("add r0, r0, r0",) * 298, "st [v63], r0")
    image = compiled(monkeypatch, body=body, states=65)
    assert image.check() == []
    with pytest.raises(DoesNotFit, match="mine needs 300 ucode_words, but a core of chip small has 256"):
        compiled(monkeypatch, "small", body=body, states=65)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (("mov r0, [1]",), r"HwOwn\.lower: the program of mine: line 1: .*declares 1 state variables"),
        (("nop", "mov r9, #0"), r"HwOwn\.lower: the program of mine: line 2: .*r9: the registers are"),
    ],
)
def test_mistakes_in_a_program_name_model_and_process(monkeypatch: Any, body: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        compiled(monkeypatch, body=body, states=1)
    assert not isinstance(caught.value, CompileError)


@pytest.mark.parametrize(
    ("body", "first", "message"),
    [
        (("acc r0, {mine}, slot 0, last",), 128, r"groups 128 to 128, and the chip has 128 \(0 to 127\)"),
        (("accadd {mine}, slot 0, r0", "acc r0, {other}, slot 0"), 0, ""),
    ],
)
def test_accumulators_of_a_program(monkeypatch: Any, body: Any, first: int, message: str) -> None:
    constants = (Constant("mine", first), Constant("other", first))
    given: dict[str, Any] = {"body": ("mov r0, #1", *body), "constants": constants}
    if not message:
        assert compiled(monkeypatch, **given).check() == []
        return
    with pytest.raises(CompileError, match=rf"mine\[0:3\]: its program is not sound: .*{message}"):
        compiled(monkeypatch, **given)


def test_accumulators_that_groups_share_are_refused(monkeypatch: Any) -> None:
    """Groups of eight lanes: three neurons are one group, so that nothing meets; 24 are three."""
    body = ("mov r0, #1", "accadd {mine}, slot 0, r0", "acc r0, {other}, slot 0")
    given: dict[str, Any] = {"body": body, "constants": (Constant("mine", 1), Constant("other", 0))}
    assert compiled(monkeypatch, "small", **given).check() == []
    lower = HwOwn.lower

    def wide(process: FlatProcess) -> Neurons:
        return replace(lower(process), size=24)

    monkeypatch.setattr(HwOwn, "lower", wide)
    with pytest.raises(CompileError, match=r"groups 0 to 2, overlap those of instruction 1 \(accadd"):
        compiled(monkeypatch, "small", **given)


def test_a_population_too_many_is_named_as_such() -> None:
    with pytest.raises(DoesNotFit, match="needs 5 populations, but core 0 of chip tiny has 4") as caught:
        plan(legal(*(lif(1, k) for k in range(5))), Chip.load("tiny"))
    assert (caught.value.resource, caught.value.need, caught.value.limit) == ("populations", 5, 4)
