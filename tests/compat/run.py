"""`make compat`: the public test suites of Lava and its libraries, with ``lava`` as another name of lava_hw.

They are taken from their wheels into ``build/compat`` when they are first run; nothing of them is kept in the
repository. Every failure must be listed with a reason in ``tests/api/unsupported.yaml``, and what is listed
there must fail: the exit code is 1 otherwise. A suite that cannot run here is left out, and the table says
why; that changes nothing of the exit code.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import yaml

from tests.compat.suites import SUITES, Suite, fetch, fetch_pins, hindrance

ROOT = Path(__file__).resolve().parents[2]
UNSUPPORTED = ROOT / "tests" / "api" / "unsupported.yaml"
_TEST_LIMIT = 60
_FILE_LIMIT = 600


@dataclass(frozen=True)
class Result:
    """What became of a test; `test` is ``*`` for a file in which no test was found."""

    suite: str
    file: str
    test: str
    state: str
    said: str

    @property
    def name(self) -> str:
        """As in `unsupported.yaml`."""
        return f"{self.file}::{self.test}"


@dataclass(frozen=True)
class Listed:
    """Patterns of names of tests that fail, with the reason.

    Those on the inside of Lava, those on what is public, and those that fail only without the suite's pins.
    """

    inside: dict[str, str] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    unpinned: dict[str, str] = field(default_factory=dict)

    def of(self, pinned: bool) -> dict[str, str]:
        """All that must fail."""
        return {**self.inside, **self.public, **({} if pinned else self.unpinned)}


def reasons() -> dict[str, Listed]:
    """What is not supported, by suite."""
    given = yaml.safe_load(UNSUPPORTED.read_text()) or {}
    return {suite: Listed(**entries) for suite, entries in given.items()}


def run_file(suite: Suite, folder: Path, file: Path, pins: Path | None = None) -> list[Result]:
    """Run the tests of a file in a process of its own; packages of `pins` come before those installed."""
    name = file.relative_to(folder / suite.tests).as_posix()
    report = folder / "reports" / (name.replace("/", "-") + ".xml")
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "lava_hw.as_lava"]
    command += ["-n", "0", "--rootdir", str(folder), "-c", os.devnull, f"--timeout={_TEST_LIMIT}"]
    command += [f"--junitxml={report}", str(file.relative_to(folder))]
    paths = [str(path) for path in (ROOT, folder, pins) if path is not None]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "agg"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_FILE_LIMIT,
        )
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        said = f"did not end within {_FILE_LIMIT} s"
    results = parse(suite.name, name, report) if report.exists() else []
    if results:
        return results
    said = said.strip()[-400:] or "no test was found"
    return [Result(suite.name, name, test, "failed", said) for test in tests_in(file)]


def tests_in(file: Path) -> list[str]:
    """Names of the tests in a file that could not be collected, as its text says them."""
    nodes = ast.walk(ast.parse(file.read_text(errors="replace")))
    names = [
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
    ]
    return names or ["*"]


def parse(suite: str, file: str, report: Path) -> list[Result]:
    """Give the results in a report of pytest; none if the file could not be collected."""
    results = []
    for case in ET.parse(report).getroot().iter("testcase"):
        wrong = [child for child in case if child.tag in ("failure", "error")]
        skipped = case.find("skipped")
        name = case.get("name") or "*"
        if wrong:
            if not case.get("classname"):
                return []
            said = (wrong[0].get("message") or "").strip().splitlines() or [""]
            results.append(Result(suite, file, name, "failed", said[0][:300]))
        elif skipped is not None:
            results.append(Result(suite, file, name, "skipped", skipped.get("message") or ""))
        else:
            results.append(Result(suite, file, name, "passed", ""))
    return results


def run_suite(suite: Suite, folder: Path, only: Sequence[str], jobs: int) -> list[Result]:
    """Run a suite."""
    place, pins = fetch(suite, folder), fetch_pins(suite, folder)
    files = sorted((place / suite.tests).rglob("test_*.py"))
    files = [f for f in files if not f.relative_to(place).as_posix().startswith(suite.left_out)]
    files = [f for f in files if not only or any(part in f.as_posix() for part in only)]
    results: list[Result] = []
    with ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(lambda file: run_file(suite, place, file, pins), files):
            bad = [r for r in found if r.state == "failed"]
            print(f"{suite.name} {found[0].file}: {len(found) - len(bad)} of {len(found)}", flush=True)
            results += found
    return results


def judge(results: Sequence[Result], listed: dict[str, str]) -> tuple[list[Result], list[str]]:
    """Give the failures that are not listed, and the entries that no failure answers to."""
    failed = [r for r in results if r.state == "failed"]
    unlisted = [r for r in failed if not any(fnmatch(r.name, pattern) for pattern in listed)]
    idle = [pattern for pattern in listed if not any(fnmatch(r.name, pattern) for r in failed)]
    return unlisted, idle


def row(results: Sequence[Result], inside: dict[str, str]) -> str:
    """The line of a suite in the table, from its second cell on."""
    states = [r.state for r in results]
    passed, failed, skipped = (states.count(state) for state in ("passed", "failed", "skipped"))
    public_failed = sum(
        r.state == "failed" and not any(fnmatch(r.name, pattern) for pattern in inside) for r in results
    )
    cells = [len(results), passed, failed, skipped, share(passed, failed), share(passed, public_failed)]
    return " | ".join(str(cell) for cell in cells)


def share(passed: int, failed: int) -> str:
    """Passed of those that ran, in per cent."""
    return f"{passed / max(passed + failed, 1):.1%}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suites; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--suite", action="append", choices=sorted(SUITES), help="this one only (may be repeated)"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="PART", help="files with this in their path"
    )
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="files at once")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "compat", help="folder for everything")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    all_listed, begin, wrong = reasons(), time.monotonic(), 0
    rows, everything = [], []
    for name in args.suite or SUITES:
        why = hindrance(SUITES[name])
        if why is not None:
            print(f"{name}: left out, because {why}", flush=True)
            rows.append(f"| {SUITES[name].title} | left out: {why} | | | | | |")
            continue
        results = run_suite(SUITES[name], args.out.absolute(), args.only, max(args.jobs, 1))
        everything += results
        listed = all_listed.get(name, Listed())
        unlisted, idle = judge(results, listed.of(SUITES[name].pinned))
        wrong += len(unlisted)
        for result in unlisted:
            print(f"  {result.name}: {result.said}")
        if not args.only:
            wrong += len(idle)
            for pattern in idle:
                print(f"  {pattern} is listed in {UNSUPPORTED.name}, but nothing of that name fails")
        rows.append(f"| {SUITES[name].title} | {row(results, listed.inside)} |")
    head = (
        "| suite | tests | passed | failed | skipped | passed of those that ran | of those, the public ones |"
    )
    table = "\n".join([head, "|---|---|---|---|---|---|---|", *rows])
    print(f"\n{table}\n\n{'Something is wrong: see above.' if wrong else 'Every failure is listed.'}")
    report = {"seconds": round(time.monotonic() - begin, 1), "results": [vars(r) for r in everything]}
    (args.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (args.out / "table.md").write_text(table + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
