"""The list of `make faults` fits the present tree, and the runner tells what is caught from what is not."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.faults.fault import Fault
from tests.faults.run import FAULTS, main, run, table
from tests.faults.tree import ROOT

TEST = "tests/golden/test_opcodes.py::test_unary"
ALU = "lava_hw/golden/alu.py"
LINE = "below = a <= -_HALF"
HARMLESS = Fault("harmless", "Nothing is wrong.", ALU, LINE, "below = (a <= -_HALF)", (TEST,))
SILENT = Fault("silent", "Another test fails.", ALU, LINE, "below = a < _HALF", (TEST,), says="Not this.")
STALE = Fault("stale", "The text is not there.", ALU, "no such text", "", (TEST,))
NO_PYTHON = Fault("no-python", "Nothing can be imported.", ALU, LINE, "below = = a", (TEST,))
NO_TEST = Fault("no-test", "Its test is not there.", ALU, LINE, "below = a", (f"{TEST}_gone",))
PARTS = {
    *("rtl/core", "rtl/noc", "rtl/chip", "sim", "sim/bridge", "lava_hw/compiler", "lava_hw/golden"),
    *("lava_hw/device", "lava_hw/image", "lava_hw/runtime", "lava_hw/proc"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_text_is_there_exactly_once(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text().count(fault.old) == 1
    assert fault.new != fault.old


@pytest.mark.parametrize("test", sorted({test for fault in FAULTS for test in fault.tests}))
def test_tests_that_are_named_exist(test: str) -> None:
    file, _, function = test.partition("::")
    nodes = ast.parse((ROOT / file).read_text()).body
    names = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    assert not function or function.partition("[")[0] in names


def test_the_list_is_broad() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names) >= 20
    assert all(fault.tests and fault.sentence.endswith(".") for fault in FAULTS)
    for part in PARTS:
        assert any(fault.file.startswith(f"{part}/") for fault in FAULTS), part


def test_each_assertion_of_the_rtl_has_a_fault() -> None:
    """An assertion that nothing can break says nothing."""
    found = set()
    for path in (ROOT / "rtl").rglob("*.sv"):
        for text in path.read_text().split("`LHW_ASSERT(")[1:]:
            found.add(text.split('"')[1])
    assert len(found) > 45
    assert found == {fault.says for fault in FAULTS} - {""}


def test_two_for_real(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = ["golden-wrap-misses-the-edge", "lif-decay-without-plus-one"]
    assert main(["--only", two[0], "--only", two[1], "--jobs", "1", "--out", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["faults"], report["caught"]) == (2, 2)
    assert [result["name"] for result in report["results"]] == two
    assert report["results"][0]["test"].startswith(TEST)
    assert "2 of 2 faults are caught" in capsys.readouterr().out
    # The copies are gone, what the tests wrote is kept.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "report.json"]


def test_what_is_not_caught_is_told_apart(tmp_path: Path) -> None:
    results = run([HARMLESS, SILENT, STALE, NO_PYTHON, NO_TEST], tmp_path)
    assert [result.state for result in results] == ["survived", "silent", "stale", "broken", "no control"]
    assert [result.tried for result in results[:2]] == [(TEST,), (TEST,)]
    assert "0 times" in results[2].said
    assert f"SURVIVED: {TEST}" in table(results)


def test_an_uncaught_fault_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.faults.run.FAULTS", (STALE,))
    assert main(["--out", str(tmp_path)]) == 1
    assert main(["--only", "unknown", "--out", str(tmp_path)]) == 2
    assert (ROOT / ALU).read_text().count(LINE) == 1
