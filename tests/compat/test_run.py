"""How `make compat` reads results and holds them to the list of what is not supported."""

from __future__ import annotations

from pathlib import Path

from tests.compat.run import Result, judge, parse, reasons
from tests.compat.suites import SUITES

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.Test" name="test_good"/>
<testcase classname="tests.a.Test" name="test_bad"><failure message="ValueError: no&#10;more"/></testcase>
<testcase classname="tests.a.Test" name="test_left"><skipped message="later"/></testcase>
<testcase classname="" name="tests.b"><error message="collection failure"/></testcase>
</testsuite></testsuites>"""


def test_reports_are_read(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    results = parse("suite", "a.py", tmp_path / "report.xml")
    assert [(r.name, r.state, r.said) for r in results] == [
        ("a.py::test_good", "passed", ""),
        ("a.py::test_bad", "failed", "ValueError: no"),
        ("a.py::test_left", "skipped", "later"),
        ("a.py::*", "failed", "collection failure"),
    ]
    (tmp_path / "report.xml").write_text("<testsuites/>")
    assert parse("suite", "a.py", tmp_path / "report.xml")[0].state == "failed"


def test_failures_must_be_listed_and_what_is_listed_must_fail() -> None:
    results = [Result("s", "a.py", test, state, "") for test, state in (("x", "failed"), ("y", "passed"))]
    assert judge(results, {}) == ([results[0]], [])
    assert judge(results, {"a.py::x": "reason"}) == ([], [])
    assert judge(results, {"a.py::*": "reason", "a.py::y": "reason"}) == ([], ["a.py::y"])


def test_the_list_gives_reasons() -> None:
    listed = reasons()
    assert set(listed) <= set(SUITES)
    for entries in listed.values():
        for pattern, reason in entries.items():
            assert "::" in pattern
            assert len(reason.split()) >= 4, f"{pattern}: {reason!r} is no reason"
