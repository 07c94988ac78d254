"""Two checkouts in turn: the ratio is that of neighbours, and each side is the checkout that it says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import pair
from bench.pair import Row


def test_the_ratio_says_how_many_times_as_fast_it_is() -> None:
    row = Row("case", [1.0, 1.0, 2.0], [2.0, 4.0, 6.0])
    assert row.ratios == [2.0, 4.0, 3.0]
    assert row.ratio == 3.0
    assert row.line() == "| case | 4,000 | 1,000 | 3.000 (2.00 to 4.00) |"


def test_sides_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class Side:
        def __init__(self, checkout: Path, case: str, size: int) -> None:
            self.name = checkout.name

        def wait(self) -> None:
            order.append(f"prepare {self.name}")

        def turn(self) -> float:
            order.append(self.name)
            return 1.0 if self.name == pair.ROOT.name else 2.0

        def close(self) -> None:
            order.append(f"close {self.name}")

    monkeypatch.setattr(pair, "Side", Side)
    row = pair.measure(Path("/other"), "golden", 64, 2)
    own = pair.ROOT.name
    assert order == [
        f"prepare {own}",
        "prepare other",
        "other",
        own,
        own,
        "other",
        f"close {own}",
        "close other",
    ]
    assert row.name == "golden 64"
    assert row.ratio == 2.0


def test_a_portion_is_measured_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair, "python_of", lambda checkout: Path(sys.executable))
    with pair.sides([pair.ROOT], "golden", 8) as (side,):
        assert 0 < side.turn() < 1


def test_a_side_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair, "python_of", lambda checkout: Path(sys.executable))
    with (
        pytest.raises(SystemExit, match=r"(?s)nothing 8 in .* failed: .*KeyError: 'nothing'"),
        pair.sides([pair.ROOT], "nothing", 8),
    ):
        pass


def test_every_case_is_one_that_the_program_knows() -> None:
    text = pair.PROGRAM.read_text() + pair.PROGRAM.with_name("lava_cases.py").read_text()
    for case, _ in pair.CASES:
        name = case.removeprefix("float_")
        assert f'"{name}":' in text or f"def {name}(" in text, case


def test_a_checkout_without_an_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"has no \.venv; run `make setup` there"):
        pair.python_of(tmp_path)


def test_a_python_of_another_checkout_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    python = tmp_path / ".venv/bin/python"
    python.write_text("#!/bin/sh\necho /elsewhere/lava_hw/__init__.py\n")
    python.chmod(0o755)
    with pytest.raises(SystemExit, match=r"imports /elsewhere/lava_hw/__init__\.py, not the package of"):
        pair.python_of(tmp_path)
