"""`make faults`: put each known fault into a copy of the project and show which test catches it.

A test counts only if it passes without the fault, which is tried once for each test. Where a fault is there
to show that an assertion can fail, a test counts only if that assertion has failed. The exit code is 1 if a
fault survives all its tests, if it keeps the project from being built, or if the text that it replaces is no
longer there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue

from tests.faults.asleep import ASLEEP
from tests.faults.assertions import ASSERTIONS
from tests.faults.connections import CONNECTIONS
from tests.faults.edges import EQUALITY
from tests.faults.fault import Fault
from tests.faults.formats import FORMATS
from tests.faults.hardware import HARDWARE
from tests.faults.limits import LIMITS
from tests.faults.neurons import NEURONS
from tests.faults.software import SOFTWARE
from tests.faults.sparse import SPARSE
from tests.faults.tree import ROOT, DoesNotBuild, Outcome, StaleFault, Tree

FAULTS: tuple[Fault, ...] = (
    *SOFTWARE,
    *HARDWARE,
    *CONNECTIONS,
    *FORMATS,
    *SPARSE,
    *LIMITS,
    *EQUALITY,
    *NEURONS,
    *ASSERTIONS,
    *ASLEEP,
)


@dataclass(frozen=True)
class Result:
    """What became of a fault.

    Attributes
    ----------
    state : {"caught", "survived", "silent", "stale", "broken", "no control"}
        Silent: tests have failed, but not by the assertion that the fault is for.
    test : str
        The test that caught it, or the one that is at fault itself.
    said : str
        What the test said.
    tried : tuple of str
        Tests that passed with the fault.
    seconds, control_seconds : float
        Of the tests with the fault, and of the one that caught it without.
    """

    name: str
    sentence: str
    file: str
    state: str
    test: str = ""
    said: str = ""
    tried: tuple[str, ...] = ()
    seconds: float = 0.0
    control_seconds: float = 0.0


class Controls:
    """Runs every test once without any fault."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._outcomes: dict[str, Outcome] = {}

    def of(self, test: str, tree: Tree) -> Outcome:
        """Give how `test` went without a fault; it runs in `tree` if it has not run yet."""
        with self._lock:
            lock = self._locks.setdefault(test, threading.Lock())
        with lock:
            if test not in self._outcomes:
                self._outcomes[test] = tree.run(test)
            return self._outcomes[test]


def examine(fault: Fault, tree: Tree, controls: Controls, logs: Path) -> Result:
    """Run the tests of a fault until one of them catches it."""

    def result(state: str, **more: object) -> Result:
        return Result(fault.name, fault.sentence, fault.file, state, **more)  # type: ignore[arg-type]

    tried: list[str] = []
    missed, seconds = "survived", 0.0
    for test in fault.tests:
        control = controls.of(test, tree)
        if control.state != "passed":
            (logs / f"{fault.name}.control.log").write_text(control.output)
            return result("no control", test=test, said=f"fails without the fault: {control.said}")
        try:
            with tree.applied(fault):
                outcome = tree.run(test)
        except StaleFault as error:
            return result("stale", said=str(error))
        except DoesNotBuild as error:
            return result("broken", test=test, said=str(error).splitlines()[-1])
        (logs / f"{fault.name}.log").write_text(outcome.output)
        seconds += outcome.seconds
        failed = outcome.state == "failed" and fault.says in outcome.output
        if failed or (outcome.state == "broken" and fault.not_elaborated):
            return result(
                "caught",
                test=outcome.test or test,
                said=outcome.said,
                tried=tuple(tried),
                seconds=round(seconds, 1),
                control_seconds=round(control.seconds, 1),
            )
        if outcome.state == "broken":
            return result("broken", test=test, said=outcome.said, seconds=round(seconds, 1))
        tried.append(test)
        missed = "silent" if outcome.state == "failed" else missed
    return result(missed, tried=tuple(tried), seconds=round(seconds, 1))


def run(faults: Sequence[Fault], folder: Path, jobs: int = 1, source: Path = ROOT) -> list[Result]:
    """Examine faults in copies of `source`; write ``report.json`` and the tests' ``logs/`` to `folder`."""
    begin = time.monotonic()
    logs = folder / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    controls = Controls()
    trees: SimpleQueue[Tree] = SimpleQueue()

    def one(fault: Fault) -> Result:
        tree = trees.get()
        try:
            result = examine(fault, tree, controls, logs)
        finally:
            trees.put(tree)
        by = result.test or ", ".join(result.tried)
        print(f"{result.state:10} {fault.name}: {by} ({result.seconds:.0f} s)", flush=True)
        return result

    with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as work:
        every = [Tree(Path(work) / str(k), source) for k in range(jobs)]
        for tree in every:
            trees.put(tree)
        with ThreadPoolExecutor(jobs) as pool:
            try:
                results = list(pool.map(one, faults))
            except BaseException:  # Ctrl-C: the tests are in sessions of their own and do not see it
                pool.shutdown(wait=False, cancel_futures=True)
                for tree in every:
                    tree.stop()
                raise
    _write_report(results, folder / "report.json", time.monotonic() - begin)
    return results


def _write_report(results: Sequence[Result], path: Path, seconds: float) -> None:
    states = [result.state for result in results]
    report = {
        "seconds": round(seconds, 1),
        "faults": len(results),
        "caught": states.count("caught"),
        "counts": {state: states.count(state) for state in sorted(set(states))},
        "results": [asdict(result) for result in results],
    }
    path.write_text(json.dumps(report, indent=1) + "\n")


def table(results: Iterable[Result]) -> str:
    """Give the results as a table for a person."""
    rows = [("fault", "where", "caught by", "seconds")]
    for r in results:
        caught = (
            r.test.removeprefix("tests/")
            if r.state == "caught"
            else f"{r.state.upper()}: {r.said or ', '.join(r.tried)}"
        )
        rows.append((r.name, r.file, caught, f"{r.seconds:.0f}"))
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    lines = [
        "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3])) for row in rows
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Examine all faults, or those that are named; see the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="this fault only (may hold *; may be repeated)"
    )
    parser.add_argument("--list", action="store_true", help="name the faults and end")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many at once")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "faults", help="folder of the report")
    args = parser.parse_args(argv)
    faults = [f for f in FAULTS if not args.only or any(fnmatch(f.name, pattern) for pattern in args.only)]
    if not faults:
        print(f"there is no fault {' or '.join(args.only)}; --list names all of them", file=sys.stderr)
        return 2
    if args.list:
        for fault in faults:
            print(f"{fault.name}: {fault.sentence} ({fault.file})")
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    results = run(faults, args.out.absolute(), max(args.jobs, 1))
    missed = [result for result in results if result.state != "caught"]
    print(f"\n{table(results)}\n")
    print(f"{len(results) - len(missed)} of {len(results)} faults are caught; see {args.out / 'report.json'}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
