"""`make mutants`: what operators change and leave alone, which mutants are drawn, what counts as success."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.tree import ROOT
from tests.mutants import python, systemverilog
from tests.mutants.mutant import Mutant, Site, draw, mutants_of
from tests.mutants.run import LANGUAGES, SURVIVORS, Result, Store, checks_of, judge, main, mutants_in

MODULE = """
module m #(parameter int unsigned W = 4) (input logic [W-1:0] a_i, output logic b_o);
  import p::*;  // a + b
  logic [W-1:0] x;
  assign unused = ^{a_i, 1'b1};
  `LHW_ASSERT(Name, a_i == 2, "a_i - 1 is 1.")
`ifndef SYNTHESIS
  initial $display(1 + 1);
`endif
  always_ff @(posedge clk_i) begin
    for (int l = 0; l < W; l++) x[l] <= a_i[l];
    if (a_i >= 2 && !c_i) begin
      b_o <= a_i <= 4'd9;
    end
    y = W'(3) + 32'(z);
    w <= '0;
  end
endmodule
"""
FUNCTION = '''
"""A text with 1 + 1."""
LIMIT = 3


def f(a: int = 4, /) -> str:
    """Say 1 < 2."""
    if a < 2 and not g(a):
        raise ValueError(f"{a + 1}")
    return "é" + str(a * 2)
'''


def changed(text: str, sites: Callable[[str], list[Site]]) -> set[tuple[str, str]]:
    """Each line that is changed, before and after."""
    return {(mutant.was, mutant.is_now) for mutant in mutants_of("file", text, sites(text))}


def test_systemverilog() -> None:
    condition, store = "if (a_i >= 2 && !c_i) begin", "b_o <= a_i <= 4'd9;"
    line = "y = W'(3) + 32'(z);"
    assert changed(MODULE, systemverilog.sites) == {
        ("for (int l = 0; l < W; l++) x[l] <= a_i[l];", "for (int l = 0; l < W; l++) ;"),
        (condition, "if (a_i > 2 && !c_i) begin"),
        (condition, "if (a_i < 2 && !c_i) begin"),
        (condition, "if (a_i >= 3 && !c_i) begin"),
        (condition, "if (a_i >= 2 || !c_i) begin"),
        (condition, "if (a_i >= 2 && c_i) begin"),
        (condition, "if (!(a_i >= 2 && !c_i)) begin"),
        (store, ";"),
        (store, "b_o <= a_i < 4'd9;"),
        (store, "b_o <= a_i > 4'd9;"),
        (store, "b_o <= a_i <= 4'd10;"),
        (line, "y = W'(4) + 32'(z);"),
        (line, "y = W'(3) - 32'(z);"),
        ("w <= '0;", ";"),
        ("w <= '0;", "w <= '1;"),
    }


def test_python() -> None:
    line = "if a < 2 and not g(a):"
    assert changed(FUNCTION, python.sites) == {
        (line, "if a <= 2 and not g(a):"),
        (line, "if a >= 2 and not g(a):"),
        (line, "if a < 3 and not g(a):"),
        (line, "if a < 2 or not g(a):"),
        (line, "if a < 2 and g(a):"),
        (line, "if (not (a < 2 and not g(a))):"),
        ('return "é" + str(a * 2)', 'return "é" - str(a * 2)'),
        ('return "é" + str(a * 2)', 'return "é" + str(a + 2)'),
        ('return "é" + str(a * 2)', 'return "é" + str(a * 3)'),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_have_mutants_and_each_has_tests(language: str) -> None:
    every = mutants_in(LANGUAGES[language])
    assert sum(map(len, every.values())) > 1000
    keys = [mutant.key for some in every.values() for mutant in some]
    assert len(set(keys)) == len(keys)
    for file, some in every.items():
        text = (ROOT / file).read_text()
        assert all(mutant.text != text for mutant in some)
        for test in checks_of(file, LANGUAGES[language]):
            for name in test.partition(" -m")[0].split():
                assert (ROOT / name.partition("::")[0]).exists()


def test_a_small_draw_is_the_beginning_of_a_large_one() -> None:
    every = mutants_in(LANGUAGES["rtl"])
    few, many = (draw(every, count, 1) for count in (40, 200))
    assert few == many[:40] == draw(every, 200, 1)[:40]
    assert few != draw(every, 40, 2)
    assert len({mutant.file for mutant in many}) > 20


def result(key: str, state: str) -> Result:
    """A result of a mutant."""
    return Result(key, "file", 1, "constant", state, "a test", 1.0)


def test_survivors_need_a_reason_and_most_must_be_killed() -> None:
    killed = [result(f"k{n}", "killed") for n in range(38)]
    some = [*killed, result("a", "survived"), result("b", "survived"), result("c", "not built")]
    same = {"equivalent": True, "why": "nothing reads it"}
    seen = {"equivalent": False, "why": "no test looks there"}
    assert judge(some, {"a": same, "b": seen})[1]
    assert not judge(some, {"a": same})[1]
    assert "does not say why: b" in judge(some, {"a": same})[0]
    assert judge(some, {"a": seen, "b": seen})[1]  # 38 of 40
    assert not judge([*some, result("d", "survived")], {"a": seen, "b": seen, "d": seen})[1]
    assert not judge([*killed, result("e", "no control")], {})[1]


def test_reasons_are_for_mutants_that_there_are() -> None:
    keys = {m.key for language in LANGUAGES.values() for some in mutants_in(language).values() for m in some}
    explained = json.loads(SURVIVORS.read_text())
    assert set(explained) <= keys
    assert all(set(entry) == {"equivalent", "why"} and entry["why"] for entry in explained.values())


def test_results_are_dropped_when_sources_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rtl.json"
    Store(path, "one").add(result("a", "killed"))
    assert set(Store(path, "one").results) == {"a"}
    assert not Store(path, "two").results
    assert "the sources have changed" in capsys.readouterr().out


def test_a_mutant_of_golden_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for real: the shift of golden's products goes the other way."""
    file = "lava_hw/golden/alu.py"
    mutants = mutants_in(LANGUAGES["python"])[file]
    (mutant,) = [m for m in mutants if m.was != m.is_now and m.operator == "operation"][:1]
    monkeypatch.setattr("tests.mutants.run.draw", lambda every, count, seed: [mutant][:count])
    monkeypatch.setattr(
        "tests.mutants.run.checks_of", lambda file, language: ("tests/golden/test_opcodes.py",)
    )
    assert main(["--rtl", "0", "--out", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "python.json").read_text())["results"]
    assert [(entry["key"], entry["state"]) for entry in kept] == [(mutant.key, "killed")]
    assert isinstance(mutant, Mutant)
