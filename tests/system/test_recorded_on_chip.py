"""What Lava computed, on golden and on the RTL, and the page that says which process runs where."""

from __future__ import annotations

import pytest

from lava_hw.graph.reasons import chip_models
from tests.api.recorded import CASES, make
from tests.system.recorded_on_chip import Plan, plan, run, run_all
from tests.system.where_it_runs import DEVICES, PAGE, section, written

# Recorded cases go to the limits of what Lava takes, and beyond, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan()


@pytest.fixture(scope="module")
def passed() -> dict[tuple[str, str], list[str]]:
    """What the tests of this module have seen to run."""
    return {}


@pytest.mark.parametrize(
    ("device", "chip"),
    [pytest.param(*where, marks=[pytest.mark.rtl] if where[0] == "verilator" else []) for where in DEVICES],
)
def test_recorded_answers(
    device: str, chip: str, planned: Plan, passed: dict[tuple[str, str], list[str]]
) -> None:
    """All of them fit into one network or two, and so into one start of a simulator or two."""
    assert run_all(planned.on_chip, device, chip) <= 2
    passed[device, chip] = planned.on_chip


@pytest.mark.rtl
def test_the_page_says_what_passed(planned: Plan, passed: dict[tuple[str, str], list[str]]) -> None:
    """If it is not fresh: `make where` writes it."""
    for device, chip in DEVICES:
        if (device, chip) not in passed:  # this test alone
            run_all(planned.on_chip, device, chip)
            passed[device, chip] = planned.on_chip
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, planned, passed) == page


def test_the_page_says_what_would_run(planned: Plan) -> None:
    """Without a compiler: a chip model that was added, or a case that is refused, is not on the page yet."""
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, planned, dict.fromkeys(DEVICES, planned.on_chip)) == page


def test_each_case_of_a_process_on_the_chip_is_accounted_for(planned: Plan) -> None:
    floating = [name for name, case in CASES.items() if case["tag"] == "floating_pt"]
    for name, case in CASES.items():
        expected = bool(chip_models(type(make(case)))) and name not in floating
        assert (name in planned.on_chip) + (name in planned.in_python) == expected, name
    assert len(planned.on_chip) >= 71


def test_a_case_that_did_not_run_is_not_counted(planned: Plan) -> None:
    passed = dict.fromkeys(DEVICES, planned.on_chip)
    passed["verilator", "test8"] = [name for name in planned.on_chip if not name.startswith("sigma_")]
    assert section(planned, passed) != section(planned, dict.fromkeys(DEVICES, planned.on_chip))


def test_wrong_answers_are_noticed(planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of outputs and of Vars, in the last step of a case."""
    name = next(name for name in planned.on_chip if CASES[name]["vars"] and CASES[name]["outputs"])
    for part in ("vars", "outputs"):
        key, values = next(iter(CASES[name][part].items()))
        shown = [*values[:-1], [value + 1 for value in values[-1]]]
        monkeypatch.setitem(CASES, name, {**CASES[name], part: {**CASES[name][part], key: shown}})
        with pytest.raises(AssertionError, match=rf"{name}\.{key}"):
            run([name], "golden", "test8")
        monkeypatch.undo()
