"""`make compat`: the public test suites of Lava and its libraries, with ``lava`` as another name of lava_hw.

They are taken from their wheels into ``build/compat`` when they are first run; nothing of them is kept in the
repository. Every failure must be listed with a reason in ``tests/api/unsupported.yaml``, and what is listed
there must fail: the exit code is 1 otherwise.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import yaml

from tests.compat.suites import SUITES, Suite, fetch

ROOT = Path(__file__).resolve().parents[2]
UNSUPPORTED = ROOT / "tests" / "api" / "unsupported.yaml"
_TEST_LIMIT = 60
_FILE_LIMIT = 600


@dataclass(frozen=True)
class Result:
    """A test, or a file that could not even be collected (its `test` is then ``*``)."""

    suite: str
    file: str
    test: str
    state: str
    said: str

    @property
    def name(self) -> str:
        """As in `unsupported.yaml`."""
        return f"{self.file}::{self.test}"


def reasons() -> dict[str, dict[str, str]]:
    """Suite to pattern of test names to the reason why they are not supported."""
    given = yaml.safe_load(UNSUPPORTED.read_text()) or {}
    return {suite: dict(entries or {}) for suite, entries in given.items()}


def run_file(suite: Suite, folder: Path, file: Path) -> list[Result]:
    """Run the tests of a file in a process of its own."""
    name = file.relative_to(folder / suite.tests).as_posix()
    report = folder / "reports" / (name.replace("/", "-") + ".xml")
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "lava_hw.as_lava"]
    command += ["-n", "0", "--rootdir", str(folder), "-c", os.devnull, f"--timeout={_TEST_LIMIT}"]
    command += [f"--junitxml={report}", str(file.relative_to(folder))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder))), "MPLBACKEND": "agg"}
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
    if not report.exists():
        return [Result(suite.name, name, "*", "failed", said.strip()[-400:])]
    return parse(suite.name, name, report)


def parse(suite: str, file: str, report: Path) -> list[Result]:
    """Give the results in a report of pytest."""
    results = []
    for case in ET.parse(report).getroot().iter("testcase"):
        wrong = [child for child in case if child.tag in ("failure", "error")]
        skipped = case.find("skipped")
        name = case.get("name") or "*"
        if wrong:
            said = (wrong[0].get("message") or "").strip().splitlines() or [""]
            collected = bool(case.get("classname"))
            results.append(Result(suite, file, name if collected else "*", "failed", said[0][:300]))
        elif skipped is not None:
            results.append(Result(suite, file, name, "skipped", skipped.get("message") or ""))
        else:
            results.append(Result(suite, file, name, "passed", ""))
    return results or [Result(suite, file, "*", "failed", "no test was found")]


def run_suite(suite: Suite, folder: Path, only: Sequence[str], jobs: int) -> list[Result] | None:
    """Run a suite; None, with a message, if what it needs is not installed."""
    missing = [name for name in suite.needs if importlib.util.find_spec(name) is None]
    if missing:
        print(f"{suite.name}: left out, because {', '.join(missing)} cannot be imported", flush=True)
        return None
    place = fetch(suite, folder)
    files = sorted((place / suite.tests).rglob("test_*.py"))
    files = [f for f in files if not f.relative_to(place).as_posix().startswith(suite.left_out)]
    files = [f for f in files if not only or any(part in f.as_posix() for part in only)]
    results: list[Result] = []
    with ThreadPoolExecutor(jobs) as pool:
        for found in pool.map(lambda file: run_file(suite, place, file), files):
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
    listed, begin, wrong = reasons(), time.monotonic(), 0
    rows, everything = [], []
    for name in args.suite or SUITES:
        results = run_suite(SUITES[name], args.out.absolute(), args.only, max(args.jobs, 1))
        if results is None:
            continue
        everything += results
        unlisted, idle = judge(results, listed.get(name, {}))
        wrong += len(unlisted)
        for result in unlisted:
            print(f"  {result.name}: {result.said}")
        if not args.only:
            wrong += len(idle)
            for pattern in idle:
                print(f"  {pattern} is listed in {UNSUPPORTED.name}, but nothing of that name fails")
        states = [r.state for r in results]
        ran = len(states) - states.count("skipped")
        rows.append((name, len(states), states.count("passed"), states.count("failed"), len(unlisted), ran))
    print(f"\n{'suite':20} tests passed failed unlisted  passed of those that ran")
    for name, tests, passed, failed, unlisted_count, ran in rows:
        print(f"{name:20} {tests:5} {passed:6} {failed:6} {unlisted_count:8}  {passed / max(ran, 1):.1%}")
    report = {"seconds": round(time.monotonic() - begin, 1), "results": [vars(r) for r in everything]}
    (args.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
