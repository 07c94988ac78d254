"""Each kind of test has a budget, and all of them together keep `make test` within its time."""

from __future__ import annotations

import pytest

from tests import budgets
from tests.budgets import BUDGETS, CORES, MOST_MINUTES, TESTS

INSTALLATION_AND_LINTERS = 5 * 60


def test_every_kind_has_a_budget() -> None:
    kinds = {path.parent.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")}
    assert kinds == set(BUDGETS)


def test_the_budgets_keep_make_test_within_its_time() -> None:
    assert sum(BUDGETS.values()) / CORES + INSTALLATION_AND_LINTERS <= MOST_MINUTES * 60


def test_the_kind_of_a_test_is_its_folder() -> None:
    assert budgets.kind_of("tests/rtl/test_lint.py::test_x[a/b]") == "rtl"
    assert budgets.kind_of("tests/device/rtl/test_y.py::test_x") == "device"


def test_the_table_marks_what_is_over_its_budget() -> None:
    lines = list(budgets.table({"api": 5.0, "rtl": 20.0}, {"api": 10, "rtl": 10}))
    assert [line.split()[0] for line in lines] == ["rtl", "api", "all"]
    assert [line.endswith("over its budget") for line in lines] == [True, False, False]


def test_a_readme_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="has no table"):
        budgets.read("# Tests\n")
