"""`make fuzz MINUTES=n`: go on with random networks where the last call stopped; keep, shrunk, what fails.

The next seed is kept in ``build/fuzz/state.json``. A failure is shrunk by hypothesis, written to
tests/fuzz/corpus, printed with its seed, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.networks import NetworkSpec, networks
from tests.fuzz.witnesses import check

CORPUS = Path(__file__).parent / "corpus"
STATE = Path("build/fuzz/state.json")
BATCH = 10


def run_batch(number: int, lanes: int, deadline: float) -> NetworkSpec | None:
    """Run one batch of networks; give the smallest failing one, or None."""
    failing: list[NetworkSpec] = []

    @settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @seed(number)
    @given(networks())
    def compare(spec: NetworkSpec) -> None:
        if time.monotonic() > deadline and not failing:
            return
        try:
            check(spec, lanes)
        except Exception:
            failing.append(spec)
            raise

    try:
        compare()
    except Exception as error:
        print(f"seed {number}, {lanes} lanes: {error}", file=sys.stderr)
        return failing[-1]
    return None


def main() -> int:
    """Run until the time is over or a network fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    args = parser.parse_args()
    state = json.loads(STATE.read_text()) if STATE.exists() else {"next_seed": 1, "networks": 0}
    deadline = time.monotonic() + 60 * args.minutes
    while time.monotonic() < deadline:
        number = state["next_seed"]
        lanes = (8, 32)[number % 2]
        failed = run_batch(number, lanes, deadline)
        if failed is not None:
            CORPUS.mkdir(exist_ok=True)
            path = CORPUS / f"seed{number}.json"
            path.write_text(json.dumps({"lanes": lanes, "spec": failed.to_json()}, indent=1) + "\n")
            print(f"kept as {path}; `make test` replays it", file=sys.stderr)
            return 1
        state = {"next_seed": number + 1, "networks": state["networks"] + BATCH}
        STATE.parent.mkdir(parents=True, exist_ok=True)
        STATE.write_text(json.dumps(state))
        print(f"\rseed {number}: {state['networks']} networks equal on all witnesses", end="", flush=True)
    print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
