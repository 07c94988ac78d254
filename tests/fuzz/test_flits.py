"""Random streams of flits on golden and the RTL: all answers, all that can be read. Failures are kept."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, note, seed, settings
from hypothesis.strategies import SearchStrategy

from lava_hw.chip import Chip
from lava_hw.device.flits import is_code, is_response, is_token
from lava_hw.isa.instruction import USES
from lava_hw.regs import EVENT_FLIT, FaultCode, TokenOut
from tests.fuzz import flit_runs
from tests.fuzz.flit_case import FlitCase, as_text
from tests.fuzz.flit_chips import draw_chip
from tests.fuzz.flit_faults import illegal, illegal_case
from tests.fuzz.flit_programs import Choices
from tests.fuzz.flit_streams import legal, legal_case
from tests.fuzz.search import SEARCH

CORPUS = Path(__file__).parent / "corpus" / "flits"
CASES = {"tiny": 80, "test8": 25}  # other tests build these chips, too


def plain_choices(number: int) -> Choices:
    """Choices that are always the same: Hypothesis also tries constants of the modules that are loaded."""
    return Choices(random.Random(number).randint)


def try_many(strategy: SearchStrategy[FlitCase], number: int, count: int) -> None:
    """Check `count` cases, always the same for the same number."""

    @settings(SEARCH, max_examples=count)
    @seed(number)
    @given(strategy)
    def compare(case: FlitCase) -> None:
        note(json.dumps(case.to_json()))
        flit_runs.check(case)

    compare()


@pytest.mark.rtl
@pytest.mark.parametrize("chip", CASES)
def test_legal_streams(chip: str) -> None:
    try_many(legal(Chip.load(chip)), 20261200, CASES[chip])


@pytest.mark.rtl
@pytest.mark.parametrize("chip", CASES)
def test_illegal_streams(chip: str) -> None:
    try_many(illegal(Chip.load(chip)), 20261204, CASES[chip])


@pytest.mark.rtl
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda p: p.stem)
def test_corpus(path: Path) -> None:
    flit_runs.check(FlitCase.from_json(json.loads(path.read_text())))


def test_faults_on_golden_do_not_depend_on_how_a_stream_is_cut() -> None:
    """Illegal streams whole and in parts: the same answers; every fault that there is is reported."""
    codes: set[int] = set()
    for number in range(150):
        case = illegal_case(plain_choices(number), (Chip.load("tiny"), draw_chip(2))[number % 2])
        flits = case.flits()
        came = flit_runs.on_golden(case.of_chip(), flits)
        cuts = flit_runs.cuts_of(len(flits), case.jitter)
        other = flit_runs.on_golden(case.of_chip(), flits, cuts)
        assert flit_runs.difference(came, other) is None, f"case {number}"
        codes.update(EVENT_FLIT.get_array(came[is_code(came, TokenOut.FAULT)], "payload").tolist())
    assert codes == {*FaultCode} - {FaultCode.NONE}


def test_drawn_chips_are_many_and_stay() -> None:
    drawn = [draw_chip(number) for number in range(40)]
    assert drawn == [draw_chip(number) for number in range(40)]
    assert len({chip.config_id for chip in drawn}) == 40
    for name in ("populations", "connections", "routes", "synapse_lines"):
        assert {chip.parameters()[name] for chip in drawn} & {1}, name
    assert {chip.lanes for chip in drawn} == {8, 16, 32}


@pytest.mark.parametrize("chip", ["tiny", "drawn"])
def test_cases_are_what_they_say(chip: str) -> None:
    """A legal stream has no fault, comes back from its file, and shows all that is to be shown."""
    seen: dict[str, int] = {}
    of = draw_chip(3) if chip == "drawn" else Chip.load(chip)
    for number in range(160):
        case = legal_case(plain_choices(number), of)
        assert FlitCase.from_json(json.loads(as_text(case.to_json()))) == case, f"case {number}"
        came = flit_runs.on_golden(case.of_chip(), case.flits())
        assert not is_code(came, TokenOut.FAULT).any(), f"case {number}"
        for item in case.items:
            lines = item[3] if item[0] == "code" else []
            for word in (item[0], *(line.split()[0] for line in lines)):
                seen[word] = seen.get(word, 0) + 1
        seen["events out"] = seen.get("events out", 0) + int((~is_token(came) & ~is_response(came)).sum())

    items = {"write", "read", "code", "entry", "event", "close", "run", "sync", "reset"}
    opcodes = {op.name.lower() for op in USES}
    assert items | opcodes <= set(seen)
    assert seen["events out"] > 50
