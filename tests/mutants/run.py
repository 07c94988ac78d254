"""`make mutants`: change RTL, golden and compiler, one token at a time, and see whether a test notices.

A mutant that does not build counts as none. One that no test notices has to stand in survivors.json, with the
reason: what it changes cannot be seen (equivalent), or why no test looks there. The exit code is 1 otherwise,
or if less than 95 % of those that are not equivalent were killed. Results are kept in the folder of the
report; a second run goes on where the first stopped, unless the sources have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue

from tests.faults.fault import Fault
from tests.faults.run import FAULTS, Controls, examine
from tests.faults.tree import ROOT, Tree
from tests.mutants import python, systemverilog
from tests.mutants.mutant import Mutant, Site, draw, mutants_of
from tests.mutants.streams import DOES_NOT_BUILD, KILLED

SURVIVORS = Path(__file__).with_name("survivors.json")
LEAST = 0.95
"""Share of the mutants that are not equivalent which must be killed."""
_STREAM_SECONDS = 600


@dataclass(frozen=True)
class Language:
    """What is changed, and what looks at it.

    Attributes
    ----------
    files : tuple of str
        Patterns of files.
    left_out : tuple of str
        Patterns of those that are generated, or no part of the product.
    sites : callable
        Gives the places of a text.
    tests : mapping of str to tuple of str
        Patterns of files, and the tests that look at them, behind those of `make faults` for the same file.
    """

    files: tuple[str, ...]
    left_out: tuple[str, ...]
    sites: Callable[[str], list[Site]]
    tests: Mapping[str, tuple[str, ...]]


LANGUAGES = {
    "rtl": Language(
        ("rtl/**/*.sv",),
        ("rtl/regs/*", "rtl/formal/*"),
        systemverilog.sites,
        {
            "rtl/noc/*": ("tests/rtl/test_lhw_router.py",),
            "rtl/chip/*": ("tests/rtl/test_lhw_host_port.py", "tests/rtl/test_lhw_chip.py"),
            "rtl/*": (
                "tests/rtl/test_lhw_core.py",
                "tests/rtl/test_fault_rule.py",
                "tests/rtl/test_formal.py",
            ),
        },
    ),
    "python": Language(
        ("lava_hw/golden/**/*.py", "lava_hw/compiler/**/*.py"),
        (),
        python.sites,
        {
            "lava_hw/golden/*": ("tests/golden",),
            "lava_hw/*": ("tests/compiler tests/errors -m not(rtl)", "tests/system tests/values -m not(rtl)"),
        },
    ),
}


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    Attributes
    ----------
    state : {"killed", "survived", "not built", "no control"}
    by : str
        The test that killed it, or what is wrong.
    """

    key: str
    file: str
    line: int
    operator: str
    state: str
    by: str
    seconds: float


def mutants_in(language: Language, source: Path = ROOT) -> dict[str, list[Mutant]]:
    """Give all mutants, by file."""
    found = {}
    for path in sorted({path for pattern in language.files for path in source.glob(pattern)}):
        name = path.relative_to(source).as_posix()
        if not any(fnmatch(name, pattern) for pattern in language.left_out):
            text = path.read_text()
            found[name] = mutants_of(name, text, language.sites(text))
    return found


def checks_of(file: str, language: Language) -> tuple[str, ...]:
    """Give the tests that look at a file, each once: those of known faults there, then the others."""
    known = Counter(test for fault in FAULTS if fault.file == file for test in fault.tests)
    ordered = [test for test, _ in known.most_common()]
    for pattern, some in language.tests.items():
        if fnmatch(file, pattern):
            ordered += some
    return tuple(dict.fromkeys(ordered))


def try_one(mutant: Mutant, language: Language, tree: Tree, controls: Controls, folder: Path) -> Result:
    """Run what looks at a mutant until something notices it."""
    begin = time.monotonic()

    def result(state: str, by: str) -> Result:
        seconds = round(time.monotonic() - begin, 1)
        return Result(mutant.key, mutant.file, mutant.line, mutant.operator, state, by, seconds)

    text = (ROOT / mutant.file).read_text()
    tests = checks_of(mutant.file, language)
    fault = Fault("mutant", mutant.key, mutant.file, text, mutant.text, tests)
    if mutant.file.endswith(".sv"):
        with tree.applied(fault):
            recorded = str(folder / "streams.npz")
            code, said = tree.command(
                "-m", "tests.mutants.streams", "--compare", recorded, limit=_STREAM_SECONDS
            )
        if code == DOES_NOT_BUILD:
            return result("not built", said.strip().splitlines()[0])
        if code == KILLED:
            return result("killed", said.strip().splitlines()[-1])
        if code:
            raise RuntimeError(f"{mutant.key}: the comparison of streams ended with {code}: {said[-2000:]}")
    found = examine(fault, tree, controls, folder / "logs")
    states = {"caught": "killed", "survived": "survived", "broken": "not built"}
    by = ", ".join(found.tried) if found.state == "survived" else f"{found.test}: {found.said}"
    return result(states.get(found.state, found.state), by)


class Store:
    """Results that are kept in a file as long as the sources are the same.

    Attributes
    ----------
    results : dict of str to Result
        By the key of the mutant.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self._path, self._digest = path, digest
        kept = json.loads(path.read_text()) if path.is_file() else {"digest": digest, "results": []}
        if kept["digest"] != digest:
            print(f"the sources have changed: the {len(kept['results'])} results of {path} are dropped")
            kept = {"results": []}
        self.results = {entry["key"]: Result(**entry) for entry in kept["results"]}

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.results[result.key] = result
        entries = [asdict(each) for each in self.results.values()]
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps({"digest": self._digest, "results": entries}, indent=1) + "\n")
        new.replace(self._path)


def digest_of(mutants: Mapping[str, Sequence[Mutant]]) -> str:
    """Give a name of the sources."""
    digest = hashlib.sha256()
    for file in sorted(mutants):
        digest.update(file.encode() + b"\0" + (ROOT / file).read_bytes())
    return digest.hexdigest()


def run(language: str, drawn: Sequence[Mutant], store: Store, folder: Path, jobs: int, end: float) -> None:
    """Try the mutants that have no result yet, until `end`."""
    controls = Controls()
    left = [mutant for mutant in drawn if mutant.key not in store.results]
    if not left:
        return
    trees: SimpleQueue[Tree] = SimpleQueue()
    lock = threading.Lock()

    def one(mutant: Mutant) -> None:
        if time.monotonic() > end:
            return
        tree = trees.get()
        try:
            result = try_one(mutant, LANGUAGES[language], tree, controls, folder)
        finally:
            trees.put(tree)
        with lock:
            store.add(result)
        print(f"{result.state:10} {result.seconds:5.0f} s  {mutant.key}  ({result.by})", flush=True)

    with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as work:
        every = [Tree(Path(work) / str(k)) for k in range(jobs)]
        for tree in every:
            trees.put(tree)
        if language == "rtl":
            every[0].python("-m", "tests.mutants.streams", "--record", str(folder / "streams.npz"))
        with ThreadPoolExecutor(jobs) as pool:
            try:
                list(pool.map(one, left))
            except BaseException:  # Ctrl-C: the tests are in sessions of their own and do not see it
                pool.shutdown(wait=False, cancel_futures=True)
                for tree in every:
                    tree.stop()
                raise


def judge(results: Iterable[Result], explained: Mapping[str, Mapping[str, object]]) -> tuple[str, bool]:
    """Give a summary for a person, and whether all is well."""
    by_state: dict[str, list[Result]] = {}
    for result in results:
        by_state.setdefault(result.state, []).append(result)
    killed, survived = (len(by_state.get(state, ())) for state in ("killed", "survived"))
    equivalent = sum(bool(explained.get(r.key, {}).get("equivalent")) for r in by_state.get("survived", ()))
    open_ones = [r for r in by_state.get("survived", ()) if r.key not in explained]
    counted = killed + survived - equivalent
    share = killed / counted if counted else 1.0
    lines = [
        f"{killed} killed, {survived} survived ({equivalent} of them equivalent), "
        f"{len(by_state.get('not built', ()))} did not build; {100 * share:.1f} % of those that are not "
        f"equivalent are killed"
    ]
    lines += [f"survived, and survivors.json does not say why: {r.key}" for r in open_ones]
    lines += [f"no verdict: {r.key}: {r.by}" for r in by_state.get("no control", ())]
    return "\n".join(lines), not open_ones and not by_state.get("no control") and share >= LEAST


def main(argv: Sequence[str] | None = None) -> int:
    """Draw mutants and try them; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rtl", type=int, default=260, metavar="N", help="mutants of the RTL (%(default)s)")
    parser.add_argument(
        "--python", type=int, default=120, metavar="N", help="mutants of golden and compiler (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn (%(default)s)")
    parser.add_argument("--only", default="*", metavar="FILE", help="those of these files (may hold *)")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so many; a later run goes on")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once (%(default)s)")
    parser.add_argument("--list", action="store_true", help="show the mutants and end")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutants", help="folder of the results")
    args = parser.parse_args(argv)
    folder = args.out.absolute()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    explained = json.loads(SURVIVORS.read_text())
    end = time.monotonic() + 60 * args.minutes
    good = True
    for name, language in LANGUAGES.items():
        every = mutants_in(language)
        drawn = [m for m in draw(every, getattr(args, name), args.seed) if fnmatch(m.file, args.only)]
        if args.list:
            print("\n".join(f"{mutant.operator:10} {mutant.key}" for mutant in drawn))
            continue
        store = Store(folder / f"{name}.json", digest_of(every))
        run(name, drawn, store, folder, args.jobs, end)
        mine = [store.results[mutant.key] for mutant in drawn if mutant.key in store.results]
        summary, well = judge(mine, explained)
        print(f"\n{name}: {len(mine)} of {len(drawn)} drawn, of {sum(map(len, every.values()))}; {summary}")
        good = good and well and len(mine) == len(drawn)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
