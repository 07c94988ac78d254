"""Seconds by kind of test, beside the budget of each kind, at the end of a run."""

from __future__ import annotations

import pytest

from tests.budgets import BUDGETS, kind_of, table

_SECONDS = pytest.StashKey[dict[str, float]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_SECONDS] = {}
    config.pluginmanager.register(_Counter(config.stash[_SECONDS]), "lava_hw seconds by kind")


class _Counter:
    """Adds up what the tests report, in the process that collects the reports of all workers."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a part of a test: set-up, call or tear-down."""
        kind = kind_of(report.nodeid)
        self._seconds[kind] = self._seconds.get(kind, 0.0) + report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table where more than one kind ran."""
    seconds = config.stash[_SECONDS]
    if len(seconds) > 1:
        terminalreporter.section("seconds by kind of test")
        for line in table(seconds, BUDGETS):
            terminalreporter.write_line(line)
