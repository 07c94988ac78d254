"""Guards are asked as often as in Lava 0.10: a model that counts in its guards counts the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.guards import cases, counted

# Recorded with Lava 0.10.0: asked (pre, lrn, post) and run (pre, lrn, post, spk) of both processes.
RECORDED = json.loads((Path(__file__).parent / "guards.json").read_text())


def test_all_cases_were_recorded() -> None:
    assert [entry["case"] for entry in RECORDED] == cases()


@pytest.mark.parametrize("options", [{}, {"keep_last_step": True}], ids=["plain", "keep_last_step"])
def test_guards_are_asked_as_in_lava(options: dict[str, Any]) -> None:
    wrong = [e["case"] for e in RECORDED if counted(e["case"], **options) != e["counts"]]
    assert wrong == []


def test_guards_are_asked_as_in_lava_by_several_workers() -> None:
    chosen = RECORDED[::7]
    options: dict[str, Any] = {"workers": 2, "worker_placement": {"b": 1}}
    wrong = [e["case"] for e in chosen if counted(e["case"], **options) != e["counts"]]
    assert wrong == []
