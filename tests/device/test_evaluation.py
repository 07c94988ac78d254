"""What Verilator's code allows: the fast ways where it is as expected, the slow ones in every other case."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lava_hw.device import build as build_module
from lava_hw.device.build import Design, build_simulator
from lava_hw.device.cache import Cache
from lava_hw.device.cpu import copying_flags, has_level, machine_flags
from lava_hw.device.evaluation import edge_text, read_evaluation
from lava_hw.device.tools import find_compiler

HEADER = "struct Vx___024root { CData __Vtrigprevexpr___TOP__clk_i__0; };\n"
SEQUENT = "void Vx___024root___nba_sequent__TOP__0(Vx___024root* vlSelf) {\n    // Body\n}\n"
NBA = """void Vx___024root___eval_nba(Vx___024root* vlSelf) {
    // Body
    if ((1ULL & vlSelfRef.__VnbaTriggered[0U])) {
        Vx___024root___nba_sequent__TOP__0(vlSelf);
    }
}
"""
ICO = "void Vx___024root___eval_ico(Vx___024root* vlSelf) {\n    // Body\n}\n"


def look(folder: Path, code: str, header: str = HEADER):
    (folder / "Vx___024root.h").write_text(header)
    (folder / "Vx___024root__0.cpp").write_text(code)
    return read_evaluation(folder, "Vx", "clk_i")


def test_the_expected_code_is_called_directly(tmp_path):
    found = look(tmp_path, SEQUENT + NBA)
    assert found.function == "Vx___024root___nba_sequent__TOP__0"
    assert found.words == "direct call"
    assert "  Vx___024root___nba_sequent__TOP__0(t.rootp);\n" in edge_text(found, "Top", "clk_i")


MORE = "        Vx___024root___nba_sequent__TOP__0(vlSelf);\n    }\n"
OTHERS = {
    "inputs go through logic": (ICO + SEQUENT + NBA, "region ico"),
    "two functions": (SEQUENT + SEQUENT.replace("__0(", "__1(") + NBA, "a rising edge calls .*__0, .*__1"),
    "logic behind registers": (SEQUENT + SEQUENT.replace("sequent", "comb") + NBA, "a rising edge calls"),
    "logic before it": (SEQUENT + SEQUENT.replace("nba_sequent", "act_comb") + NBA, "a rising edge calls"),
    "a class of its own": (SEQUENT + SEQUENT.replace("024root", "core") + NBA, "a rising edge calls"),
    "another name": (SEQUENT.replace("TOP", "top") + NBA.replace("TOP", "top"), "a rising edge calls"),
    "none": (NBA, "no known function"),
    "more than the call": (SEQUENT + NBA.replace(MORE, MORE + "    x = 1;\n"), "does more than"),
    "another condition": (SEQUENT + NBA.replace("1ULL", "3ULL"), "does more than"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_code_is_evaluated_once(tmp_path, name):
    code, reason = OTHERS[name]
    found = look(tmp_path, code)
    assert (found.one, found.function) == (True, "")
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(found.words)
    text = edge_text(found, "Top", "clk_i")
    assert "t.eval();\n  t.rootp->__Vtrigprevexpr___TOP__clk_i__0 = 0;\n" in text
    assert "nba_sequent" not in text


@pytest.mark.parametrize("header", [HEADER + "__Vtrigprevexpr___TOP__rst_ni__0", HEADER.replace("__V", "")])
def test_other_triggers_need_two_evaluations(tmp_path, header):
    found = look(tmp_path, SEQUENT + NBA, header)
    assert (found.one, found.function) == (False, "")
    assert edge_text(found, "Top", "clk_i").count("t.eval();") == 2
    assert not read_evaluation(tmp_path, "Vx", "clk_i", registered=False).one


@pytest.mark.rtl
def test_a_top_with_logic_at_its_inputs_says_so(echo: Design, tmp_path, caplog):
    """The echo's inputs go through logic; the simulator evaluates it, and log and facts have the reason."""
    with caplog.at_level("INFO", "lava_hw.device"):
        simulator = build_simulator(echo, "fast", cache=tmp_path)
    facts = json.loads((simulator.directory / "facts.json").read_text())
    assert facts["evaluation"]["lhw_test_echo"].startswith("one eval a cycle: not all inputs go to registers")
    assert any("lhw_test_echo is evaluated by one eval a cycle" in message for message in caplog.messages)


# ---------------------------------------------------------------------------------------------- processor
MODERN = "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"


def cpuinfo(*flags: str) -> str:
    return "".join(f"processor\t: {i}\nflags\t\t: fpu {words}\n\n" for i, words in enumerate(flags))


def test_all_processors_must_have_the_level():
    assert has_level(cpuinfo(MODERN, MODERN))
    assert not has_level(cpuinfo(MODERN, MODERN.replace("avx2 ", "")))
    assert not has_level("processor\t: 0\nFeatures\t: fp asimd\n")
    for feature in MODERN.split():
        assert not has_level(cpuinfo(" ".join(set(MODERN.split()) - {feature}))), feature


@pytest.mark.rtl
def test_an_older_processor_has_simulators_of_its_own(echo: Design, tmp_path, monkeypatch):
    """Both share a cache; neither finds the other's simulators or objects."""
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr("lava_hw.device.cpu._CPUINFO", info)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    keys = []
    for text in (cpuinfo(MODERN), cpuinfo("fpu")):
        info.write_text(text)
        builder = build_module._Builder(echo, "fast", False, Cache(tmp_path))
        keys.append((builder.key(), builder._hash([], {}), builder.flags))
    copying = copying_flags(find_compiler())
    assert keys[0][2] == ("-O3", "-march=x86-64-v3", *copying)
    assert keys[1][2] == ("-O3", *copying)
    assert keys[0][0] != keys[1][0]
    assert keys[0][1] != keys[1][1]


def test_a_compiler_that_does_not_know_the_level_is_not_asked_for_it(tmp_path, monkeypatch):
    info = tmp_path / "cpuinfo"
    info.write_text(cpuinfo(MODERN))
    monkeypatch.setattr("lava_hw.device.cpu._CPUINFO", info)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert machine_flags(replace(find_compiler(), command=("false",))) == ()
    assert machine_flags(replace(find_compiler(), command=("true",))) == ("-march=x86-64-v3",)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert machine_flags(find_compiler()) == ()
    assert copying_flags(replace(find_compiler(), command=("false",))) == ()
