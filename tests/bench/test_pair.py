"""Two checkouts in turn: the ratio is that of neighbours, and each side is the checkout that it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import lava, pair
from bench.pair import Row


def test_the_ratio_says_how_many_times_better_it_is() -> None:
    rate = Row("rate", "steps/s", [20.0, 30.0, 44.0], [10.0, 10.0, 11.0])
    assert rate.ratios == [2.0, 3.0, 4.0]
    assert rate.ratio == 3.0
    assert Row("time", "s", [1.0], [4.0]).ratio == 4.0
    assert "3.000 (2.000 to 4.000)" in rate.line()


def test_sides_take_turns_and_figures_without_a_better_side_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    def section(checkout: Path, name: str, quick: bool) -> dict[str, tuple[str, float]]:
        order.append(checkout.name)
        return {"a": ("steps/s", 2.0 if checkout == pair.ROOT else 1.0), "b": ("ratio", 1.0)}

    monkeypatch.setattr(pair, "section", section)
    rows = pair.measure(Path("/other"), ["cosim"], [], 2, True)
    own = pair.ROOT.name
    assert order == ["other", own, own, "other"]
    assert [(row.name, row.ratio) for row in rows] == [("a", 2.0)]


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


def test_a_case_is_measured_with_the_package_of_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def measure(command: list[str], case: str, size: int, root: Path) -> dict[str, object]:
        seen.append(root)
        return {"unit": "s", "value": 1.5}

    monkeypatch.setattr(pair, "python_of", lambda checkout: checkout / "python")
    monkeypatch.setattr(lava, "measure", measure)
    assert pair.lava_case(Path("/other"), "get", 1000) == {"get 1,000": ("s", 1.5)}
    assert seen == [Path("/other")]
