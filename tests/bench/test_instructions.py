"""Instructions are counted between two recordings, and belong to the lines that they come from."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench import __main__ as program
from bench import callgrind, checkout, compare, plain, profile
from bench.figures import Results
from bench.instructions import Spent
from bench.networks import layer
from bench.plan import FULL, QUICK, Tiles

# As valgrind writes it: a name stands once, an address may count on from the last one.
CALLGRIND = """\
# callgrind format
version: 1
positions: instr line
events: Ir
summary: 1063

ob=(1) /bin/simulator
fl=(1) a.cpp
fn=(1) main
0x1000 10 7
+4 +1 5
cob=(2) /lib/libc.so
cfn=(2) write
calls=3 0x9000 0
* * 1000
+12 -3 11

ob=(2)
fn=(2)
0x9000 0 1000
* * 20
ob=(1)
fn=(3) other
0x1004 11 20
-4 10
"""


def test_instructions_by_address():
    found = callgrind.by_address(CALLGRIND.splitlines(keepends=True))
    assert found == {
        ("/bin/simulator", 0x1000): 7,
        ("/bin/simulator", 0x1004): 25,
        ("/bin/simulator", 0x1010): 11,
        ("/lib/libc.so", 0x9000): 1020,
    }
    assert found.total() == callgrind.total(CALLGRIND) == 1063
    with pytest.raises(RuntimeError, match="callgrind wrote no total"):
        callgrind.total("events: Ir\n")


@pytest.fixture
def valgrind(tmp_path, monkeypatch):
    """A program called valgrind that writes the file above, and says what a simulator would."""
    script = tmp_path / "bin" / "valgrind"
    script.parent.mkdir()
    script.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"open(sys.argv[2].partition('=')[2], 'w').write({CALLGRIND!r})\n"
        'print(\'{"cycles": 9, "flits_out": 2, "hash": "ab", "marks": []}\')\n'
        "sys.exit(sys.argv[-1] == 'broken')\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=":")
    return tmp_path / "out"


def test_a_count_is_that_of_what_was_recorded(valgrind):
    run = {"simulator": "simulator", "flits": "flits", "cycles": 9, "flits_out": 2, "hash": "ab"}
    assert callgrind.count(run, valgrind) == 1063
    with pytest.raises(RuntimeError, match="simulator: below valgrind hash is ab, not ac"):
        callgrind.count({**run, "hash": "ac"}, valgrind)
    with pytest.raises(RuntimeError, match="valgrind with simulator failed"):
        callgrind.count({**run, "flits": "broken"}, valgrind)


def test_without_valgrind_the_bench_says_so_and_goes_on(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(program, "SECTIONS", {"instructions": program.run_instructions})
    path = tmp_path / "results.json"
    assert program.main(["--quick", "--only", "instructions", "--out", str(path)]) == 0
    assert "valgrind was not found, so instructions are not counted (Debian" in capsys.readouterr().out
    assert json.loads(path.read_text())["figures"] == {}


def test_what_is_said_of_instructions():
    figures = Spent(instructions=6000, cycles=40, steps=2).figures
    assert figures == {
        "instructions a cycle": (150.0, "instructions"),
        "instructions a step": (3000.0, "instructions"),
        "cycles a step": (20.0, "cycles"),
    }


NOTED = """\
// Verilated
/*rtl/core/lhw_core.sv:56 0x1*/void Vtop::eval() {
    /*rtl/core/lhw_core.sv:60 0x2a*/IData/*31:0*/ a
        = b;
    VL_ZERO_W(256, x);
    /*rtl/noc/lhw_router.sv:7 0x3*/c = /*/v/std.sv:9 0x4*/d;
}
void Vtop::other() {
    e = f;
}
"""
COMPILED = """\
// Verilated
void Vtop::eval() {
    IData/*31:0*/ a
        = b;
    one_more();
    c = d;
}
void Vtop::other() {
    e = f;
}
"""


def test_lines_of_generated_code_come_from_lines_of_the_rtl():
    places = profile.notes(NOTED, COMPILED)
    core, on, router = "core/lhw_core.sv:56", "core/lhw_core.sv:60", "noc/lhw_router.sv:7"
    assert places == ["", "", core, on, on, "", router, router, "", "", ""]
    sources = {"Vtop.cpp": places}
    assert profile.place_of(["/v/include/verilated_types.h:9", "obj/./Vtop.cpp:4"], sources) == on
    assert profile.place_of(["/w/obj/Vtop.cpp:6 (discriminator 2)"], sources) == router
    assert profile.place_of(["Vtop.cpp:8", "../sim/model.hpp:3"], sources) == profile.OTHER
    assert profile.place_of(["/usr/include/array:3", "../sim/model.hpp:77"], sources) == "sim/model.hpp:77"
    assert profile.place_of(["/v/include/verilated.cpp:9"], sources) == "Verilator's own code"
    assert profile.place_of(["??:0"], sources) == "libraries"


def test_a_profile_adds_up():
    found = profile.Profile(Counter({"a.sv:1": 60, "a.sv:2": 20, "b.sv:1": 20}), cycles=10)
    assert found.a_cycle == 10
    assert found.modules == {"a.sv": 80, "b.sv": 20}
    assert found.table(found.lines, 1).splitlines()[2:] == [
        "| a.sv:1 | 6 | 60.0% |",
        "| all others | 4 | 40.0% |",
    ]


def test_two_checkouts_beside_each_other():
    there, here = {"cycles": (30.0, "cycles")}, {"cycles": (20.0, "cycles")}
    assert compare.rows("x", there, here) == ["| x, cycles | 30 | 20 | cycles | 1.500 |"]
    assert compare.rows("x", {}, here) == ["| x, cycles | - | 20 | cycles | - |"]
    assert compare.rows("x", {}, {}) == []
    assert [tiles.chip_title for tiles in compare.chips(FULL)] == [
        "default of 2 x 2",
        "mesh16 of 4 x 4",
        "mesh16 of 8 x 7",
    ]


def test_a_program_that_fails_or_hangs_is_an_error(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("print('text'); print('[1, 2]')")
    assert checkout.ask([str(script)], checkout.ROOT) == [1, 2]
    script.write_text("raise SystemExit('no such chip')")
    with pytest.raises(RuntimeError, match=r"script\.py record in .* failed: no such chip"):
        checkout.ask([str(script), "record"], checkout.ROOT)
    pid = tmp_path / "pid"
    script.write_text(
        "import subprocess, sys; child = subprocess.Popen(['sleep', '1000'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid)); child.wait()"
    )
    with pytest.raises(RuntimeError, match=r"script\.py .* in .*: no answer within 3 s"):
        checkout.ask([str(script), str(pid)], checkout.ROOT, limit=3)
    state = Path(f"/proc/{pid.read_text()}/stat")
    while state.exists() and state.read_text().split()[2] != "Z":  # what it has started ends with it
        time.sleep(0.01)


@pytest.mark.parametrize("size", [64, 96])
def test_plain_loop_in_cpp_equals_golden(tmp_path, size):
    network = layer(size)
    loop = plain.PlainLoop(network, tmp_path, ["-O3"])
    plain.check(loop, size, "test8")
    assert loop.rate(10, 100) > 0
    network.weights[0][size // 2] += 2
    other = tmp_path / "other"
    other.mkdir()
    changed = plain.PlainLoop(network, other, [])
    differ = np.any(changed.spikes() != loop.spikes(), axis=0)
    assert list(np.flatnonzero(differ)) == [size // 2]
    with pytest.raises(RuntimeError, match=f"and golden of a layer of {size} differ"):
        plain.check(changed, size, "test8")


@pytest.mark.rtl
@pytest.mark.slow
@pytest.mark.skipif(not callgrind.available(), reason="needs valgrind")
def test_instructions_of_a_simulator():
    results = Results(lambda line: None)
    program.run_instructions(results, QUICK)
    (tiles,) = QUICK.tiles
    figures = {name.partition("/")[2]: figure.median for name, figure in results.figures.items()}
    a_cycle, a_step, cycles = (
        figures.pop(name) for name in ("instructions a cycle", "instructions a step", "cycles a step")
    )
    assert a_step == pytest.approx(a_cycle * cycles)
    assert figures["core/lhw_row.sv"] > 10
    assert figures["sim/mesh_model.hpp"] > 10
    assert figures["sim/sim.cpp"] > 1  # left out while the host part sleeps
    # Two builds: memory lies elsewhere, and the time that a statistic prints has not always as many digits.
    assert sum(figures.values()) == pytest.approx(a_cycle, rel=0.01)
    assert all(figure.startswith(f"{tiles.title}/") for figure in results.figures)


@pytest.mark.rtl
@pytest.mark.nightly
def test_builds_of_two_checkouts(capsys):
    assert compare.main([str(checkout.ROOT), "--quick", "--builds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("| tiny of 1 x 1, ")]) == 5


def test_tiles_have_titles():
    assert Tiles("mesh16", (8, 7), 1).title == "1 of 56 tiles"
