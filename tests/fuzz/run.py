"""`make fuzz MINUTES=n`: go on with random cases where the last call stopped; keep, shrunk, what fails.

Each round has one number, the seed of its cases: networks of chip-capable processes on all references,
streams of flits on golden and the RTL, networks of the whole library run in many ways, learning rules, and
texts of neurons.
The next number is kept in ``build/fuzz/state.json``. A failure is shrunk, written to tests/fuzz/corpus,
printed with its number, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

from lava_hw import progress as bars
from lava_hw.chip import Chip
from lava_hw.errors import LavaHwWarning
from tests.equations import runs as texts
from tests.fuzz import flit_case, flit_runs, references, variants
from tests.fuzz.flit_chips import draw_chip
from tests.fuzz.flit_faults import illegal
from tests.fuzz.flit_streams import legal
from tests.fuzz.growing import cases
from tests.fuzz.networks import networks
from tests.fuzz.rule_checks import RuleFailure, check_many, learn_many

CORPUS = Path(__file__).parent / "corpus"
STATE = Path("build/fuzz/state.json")
BATCH = 10
RULES = 1000
TEXTS = 5
FLITS = 25
CHIPS = ("tiny", "small", "test8", "test32")
DRAWN = (4, 14, 26, 53, 13, 44, 58, 6)  # chips of the schema, most with room for several connections
ROUNDS = 10  # of one of them, then comes the next: each is built once, and kept


def run_batch(
    number: int,
    strategy: SearchStrategy[Any],
    check: Callable[[Any], None],
    deadline: float,
    count: int = BATCH,
) -> Any:
    """Check one batch; give the smallest failing case, or None."""
    failing: list[Any] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(strategy)
    def compare(case: Any) -> None:
        if time.monotonic() > deadline and not failing:
            return
        try:
            check(case)
        except Exception:
            failing.append(case)
            raise

    try:
        compare()
    except Exception as error:
        print(f"seed {number}: {error}", file=sys.stderr)
        return failing[-1]
    return None


def on_references(number: int, deadline: float) -> dict[str, Any] | None:
    """Networks on Python, golden and RTL."""
    lanes = (8, 32)[number % 2]
    failed = run_batch(number, networks(), lambda spec: references.check(spec, lanes), deadline)
    return None if failed is None else {"lanes": lanes, "spec": failed.to_json()}


def of_flits(number: int, deadline: float) -> dict[str, Any] | None:
    """Streams of flits, legal and illegal, for a chip of the project and for one that is drawn in turn."""
    # Fast simulators go tile by tile, checked ones hold the whole chip.
    build = ("checked", "fast")[number // len(CHIPS) % 2]
    for chip in (Chip.load(CHIPS[number % len(CHIPS)]), draw_chip(DRAWN[number // ROUNDS % len(DRAWN)])):
        flit_runs.simulator(chip, build)  # a chip that does not build is no failing case
        for strategy in (legal(chip), illegal(chip)):
            failed = run_batch(number, strategy, lambda case: flit_runs.check(case, build), deadline, FLITS)
            if failed is not None:
                kept: dict[str, Any] = failed.to_json()
                return kept
    return None


def of_the_library(number: int, deadline: float) -> dict[str, Any] | None:
    """Networks of all processes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        failed = run_batch(number, cases(), variants.check, deadline)
    return None if failed is None else failed.to_json()


def of_learning(number: int, deadline: float) -> dict[str, Any] | None:
    """Learning rules."""
    if time.monotonic() > deadline:
        return None
    try:
        check_many(number, RULES // 2, wrong=False)
        check_many(number, RULES // 2, wrong=True)
        learn_many(number, BATCH)
    except RuleFailure as failure:
        print(f"seed {number}: {failure}", file=sys.stderr)
        return failure.kept
    return None


def of_texts(number: int, deadline: float) -> dict[str, Any] | None:
    """Texts of neurons in numpy, on golden and on the RTL."""
    for text in range(TEXTS * number, TEXTS * (number + 1)):
        for device in ("golden", "verilator"):
            if time.monotonic() > deadline:
                return None
            try:
                texts.compare(text, device, ("test8", "test32")[text % 2])
            except Exception as error:
                print(f"seed {number}: {error}", file=sys.stderr)
                return {"text": text}
    return None


KINDS = (
    ("", on_references),
    ("flits", of_flits),
    ("library", of_the_library),
    ("rules", of_learning),
    ("texts", of_texts),
)


def main() -> int:
    """Run until the time is over or a case fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    args = parser.parse_args()
    state = {"next_seed": 1, "networks": 0, "library": 0, "rules": 0, "texts": 0}
    state |= dict.fromkeys(vars(flit_runs.COUNT), 0)
    state |= json.loads(STATE.read_text()) if STATE.exists() else {}
    deadline = time.monotonic() + 60 * args.minutes
    with bars.bar(60 * args.minutes, "fuzz", "s") as bar, warnings.catch_warnings():
        # Values to the limits of what Lava takes, and beyond, are drawn by intent.
        warnings.simplefilter("ignore", LavaHwWarning)
        code = search(state, deadline, bar)
    print(summary(state))
    return code


def summary(state: dict[str, int]) -> str:
    """What was tried, over all calls."""
    return (
        f"seed {state['next_seed'] - 1}: {state['networks']} networks equal on all references, "
        f"{state['library']} of the library however they were run, {state['rules']} rules as described, "
        f"{state['texts']} texts of neurons equal in numpy, on golden and the RTL; "
        f"{state['cases']} streams with {state['programs']} programs, {state['steps']} steps and "
        f"{state['flits']} flits equal on golden and the RTL"
    )


def search(state: dict[str, int], deadline: float, bar: bars.Bar) -> int:
    """Try one number after the other until the time is over or a case fails."""
    while time.monotonic() < deadline:
        number = state["next_seed"]
        for folder, kind in KINDS:
            failed = kind(number, deadline)
            if failed is not None:
                path = CORPUS / folder / f"seed{number}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(
                    flit_case.as_text(failed) if folder == "flits" else json.dumps(failed, indent=1) + "\n"
                )
                print(f"kept as {path}; `make test` replays it", file=sys.stderr)
                return 1
        state["next_seed"] = number + 1
        state["networks"] += BATCH
        state["library"] += BATCH
        state["rules"] += RULES
        state["texts"] += TEXTS
        state |= {name: state[name] + found for name, found in vars(flit_runs.COUNT).items()}
        flit_runs.COUNT = flit_runs.Count()
        STATE.parent.mkdir(parents=True, exist_ok=True)
        STATE.write_text(json.dumps(state))
        bar.reach_now()
        bar.say(f"seed {number}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
