"""The RTL is clean under `verilator -Wall`, whole and module by module; nothing is for simulators only."""

from __future__ import annotations

import re
import subprocess

import pytest
from lhw_bench import ROOT, file_list, lint, yosys_program

from lava_hw.chip import Chip

pytestmark = pytest.mark.rtl

PROOFS = sorted((ROOT / "rtl" / "formal").glob("lhw_*.sv"))
MODULES = sorted({p for p in (ROOT / "rtl").rglob("lhw_*.sv") if not p.stem.endswith("_pkg")} - set(PROOFS))


@pytest.mark.parametrize("name", ["small", "default", "mesh16"])
def test_whole_chip(name):
    parameters = Chip.load(name).to_sv_parameters()
    assert lint("lhw_chip", *(f"-G{key}={value}" for key, value in parameters.items())) == ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_alone(path):
    assert lint(path.stem) == ""


@pytest.mark.parametrize("path", PROOFS, ids=lambda path: path.stem)
def test_every_proof(path):
    # Yosys reads the form for synthesis.
    assert lint(path.stem, "-DFORMAL=1", "-DLHW_AS_SYNTHESIS=1", str(path)) == ""


@pytest.mark.parametrize("define", ["SYNTHESIS", "FORMAL"])
def test_without_assertions_and_for_proofs(define):
    assert lint("lhw_chip", f"-D{define}=1") == ""


def test_lint_can_fail(tmp_path):
    bad = tmp_path / "lhw_bad.sv"
    bad.write_text(
        "module lhw_bad (input logic a_i, output logic [1:0] b_o);\n  assign b_o = a_i;\nendmodule\n"
    )
    assert "WIDTHEXPAND" in lint("lhw_bad", str(bad))


def test_the_list_is_complete():
    listed = file_list()
    assert all(path.is_file() for path in listed)
    assert len(set(listed)) == len(listed)
    files = {path for path in (ROOT / "rtl").rglob("*.sv") if "formal" not in path.parts}
    assert set(listed) == files


def sources():
    return sorted(path for path in (ROOT / "rtl").rglob("*.sv*") if path.suffix in (".sv", ".svh"))


def code_of(path) -> str:
    """Text of a file without comments and strings."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r'"(\\.|[^"\\])*"', '""', re.sub(r"//[^\n]*", "", text))


def test_nothing_is_for_a_simulator_only():
    """No DPI, no pragmas, files or delays, no other clock edge, no system tasks but elaboration's $error."""
    harmless = {"$clog2", "$signed", "$unsigned", "$bits", "$countones", "$onehot", "$onehot0"}
    for path in sources():
        text, code = path.read_text(), code_of(path)
        assert not re.search(r"verilator +\w+_o(n|ff)|/\*verilator|synopsys|translate_off", text), path
        for word in ('import "DPI', 'export "DPI'):
            assert word not in text, path
        for word in ("chandle", "initial", "final", "negedge", "force", "always_latch", "#1"):
            assert not re.search(rf"(?<![\w$]){re.escape(word)}\b", code), (path, word)
        if path.name == "lhw_assert.svh":
            continue  # the macros, which are empty for synthesis
        tasks = set(re.findall(r"\$[a-zA-Z_]\w*", code)) - harmless
        # $error outside of an assertion is elaboration's own, in a generate block that is not taken.
        assert tasks <= {"$error"}, (path, tasks)
        for match in re.finditer(r"^.*\$error", code, re.MULTILINE):
            assert match.group(0).strip() == "$error", path


def test_yosys_elaborates_the_whole_chip():
    """The open synthesis takes the mesh as it is (one core's memories: test_synthesis.py)."""
    parameters = {**Chip.load("tiny").to_sv_parameters(), "MeshX": 2, "MeshY": 2}
    given = " ".join(f"-G {key}=32'd{value}" for key, value in parameters.items())
    files = " ".join(str(path.relative_to(ROOT)) for path in file_list())
    script = f"read_slang --threads 1 -D SYNTHESIS=1 -I rtl/prim --top lhw_chip {given} {files}"
    command = [str(yosys_program()), "-Q", "-p", f"{script}; hierarchy -check -top lhw_chip; stat"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Build succeeded: 0 errors, 0 warnings" in done.stdout, done.stdout[-2000:]
