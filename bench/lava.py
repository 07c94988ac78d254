"""`make bench-lava`: the same program on the real Lava 0.10 and on this package, side by side.

The real one needs Python 3.10 and lives in an environment of its own; where there is none, nothing is
measured and a message says so.

The program that is measured has a folder of its own: the folder of a program is the first where Python looks
for modules, and `import lava` would find this file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import machine
from bench.figures import number

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(__file__).with_name("programs") / "lava_cases.py"
REQUIREMENT = "lava-nc==0.10.0"
# Case, size, and how many times better than Lava we want to be; None where there is no goal.
CASES: tuple[tuple[str, int, float | None], ...] = (
    ("layers", 64, 10),
    ("layers", 256, 10),
    ("layers", 1024, 10),
    ("layers", 4096, 10),
    ("recurrent", 256, 10),
    ("recurrent", 1024, 10),
    ("float_layers", 64, 10),
    ("float_layers", 1024, 10),
    ("float_layers", 4096, 10),
    ("float_recurrent", 1024, 10),
    ("chain", 4, 10),
    ("chain", 16, 20),
    ("chain", 64, 50),
    ("sparse", 4096, 5),
    ("conv", 32, 5),
    ("learning", 256, None),
    ("get", 1_000_000, 1000),
    ("startstop", 4, 20),
    ("memory", 64, None),
)
QUICK = (("layers", 64, None), ("get", 1000, None))
_LIMIT = 600


def python_3_10() -> str | None:
    """A Python 3.10 that can make environments, also one that pyenv has but does not use here."""
    found = [shutil.which("python3.10")]
    pyenv = shutil.which("pyenv")
    if pyenv is not None:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True).stdout.strip()
        found += map(str, sorted(Path(root).glob("versions/3.10*/bin/python3.10")))
    for python in found:
        if python and not subprocess.run([python, "-c", "import venv"], capture_output=True).returncode:
            return python
    return None


def lava_python(folder: Path) -> Path | None:
    """Python of an environment with the real Lava, made if need be; None if there is no Python 3.10."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    base = python_3_10()
    if base is None:
        return None
    print(f"installing {REQUIREMENT} into {folder} ...", flush=True)
    subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=True)
    done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", REQUIREMENT])
    if done.returncode:
        shutil.rmtree(folder)
        raise SystemExit(f"pip cannot install {REQUIREMENT}; see above")
    return python


def measure(command: Sequence[str], case: str, size: int) -> dict[str, Any]:
    """Run the program once, in a process of its own.

    Raises
    ------
    RuntimeError
        If it fails or takes too long; the message ends with what it said.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            [*command, str(PROGRAM), case, str(size)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"{case} {size}: no answer within {_LIMIT} s") from None
    if done.returncode:
        raise RuntimeError(f"{case} {size}: {done.stderr.strip()[-500:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def compare(theirs: Sequence[str], case: str, size: int, goal: float | None, runs: int) -> dict[str, Any]:
    """Measure both sides in turn.

    Raises
    ------
    RuntimeError
        If one of them fails, or their networks did not compute the same.
    """
    ours = [sys.executable, "-m", "lava_hw.as_lava"]
    pairs = [(measure(ours, case, size), measure(theirs, case, size)) for _ in range(runs)]
    for one, other in pairs:
        if one["check"] != other["check"]:
            raise RuntimeError(f"{case} {size}: our network gave {one['check']}, Lava's {other['check']}")
    unit = pairs[0][0]["unit"]
    ratios = [a["value"] / b["value"] if unit == "steps/s" else b["value"] / a["value"] for a, b in pairs]
    ratio = statistics.median(ratios)
    return {
        "case": f"{case} {size:,}",
        "unit": unit,
        "ours": statistics.median(a["value"] for a, _ in pairs),
        "lava": statistics.median(b["value"] for _, b in pairs),
        "ratios": ratios,
        "ratio": ratio,
        "goal": goal,
        "met": None if goal is None else ratio >= goal,
    }


def line(row: dict[str, Any]) -> str:
    """Give a comparison as a line of the table."""
    verdict = {None: "", True: "met", False: "MISSED"}[row["met"]]
    goal = "" if row["goal"] is None else f">= {row['goal']:g}"
    return (
        f"{row['case']:<18}{number(row['ours']):>14}{number(row['lava']):>14} {row['unit']:<8}"
        f"{number(row['ratio']):>10} {goal:>8} {verdict}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all cases; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--environment", type=Path, default=ROOT / "build" / "lava-venv", help="of the real Lava"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench" / "lava.json")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append", help="this case only (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="two small cases, to see that it works")
    args = parser.parse_args(argv)
    python = lava_python(args.environment)
    if python is None:
        print(
            "nothing is measured: the real Lava 0.10 needs Python 3.10 with venv, and there is no python3.10"
        )
        return 0
    before = machine.describe()
    header = f"{'case':<18}{'ours':>14}{'Lava':>14} {'':<8}{'ratio':>10} {'goal':>8}"
    print(header, flush=True)
    rows, failed = [], []
    for case, size, goal in QUICK if args.quick else CASES:
        if args.only and case not in args.only:
            continue
        try:
            rows.append(compare([str(python)], case, size, goal, args.runs))
        except RuntimeError as error:
            failed.append(str(error))
            print(f"FAILED {error}", flush=True)
        else:
            print(line(rows[-1]), flush=True)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": before, "rows": rows, "failed": failed}
    args.out.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
