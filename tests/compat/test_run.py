"""How `make compat` reads results and holds them to the list of what is not supported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.compat.run import Listed, Result, judge, parse, reasons, row, run_file
from tests.compat.suites import SUITES, Suite, fetch_pins, hindrance

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.Test" name="test_good"/>
<testcase classname="tests.a.Test" name="test_bad"><failure message="ValueError: no&#10;more"/></testcase>
<testcase classname="tests.a.Test" name="test_left"><skipped message="later"/></testcase>
</testsuite></testsuites>"""


def test_reports_are_read(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    results = parse("suite", "a.py", tmp_path / "report.xml")
    assert [(r.name, r.state, r.said) for r in results] == [
        ("a.py::test_good", "passed", ""),
        ("a.py::test_bad", "failed", "ValueError: no"),
        ("a.py::test_left", "skipped", "later"),
    ]


def test_the_tests_of_a_file_that_cannot_be_collected_count_as_failed(tmp_path: Path) -> None:
    suite = Suite("suite", "a==1", (), "tests")
    file = tmp_path / "tests" / "test_a.py"
    file.parent.mkdir()
    file.write_text("import no_such_module\nclass TestA:\n def test_1(self): ...\ndef test_2(): ...\n")
    found = run_file(suite, tmp_path, file)
    assert {(r.name, r.state) for r in found} == {
        ("test_a.py::test_1", "failed"),
        ("test_a.py::test_2", "failed"),
    }
    assert "no_such_module" in found[0].said
    file.write_text("x = 1\n")
    assert [(r.name, r.state) for r in run_file(suite, tmp_path, file)] == [("test_a.py::*", "failed")]
    file.write_text("def test_2(): ...\n")
    assert [(r.name, r.state) for r in run_file(suite, tmp_path, file)] == [("test_a.py::test_2", "passed")]


def test_what_is_pinned_comes_first(tmp_path: Path) -> None:
    suite = Suite("suite", "a==1", (), "tests")
    file = tmp_path / "tests" / "test_a.py"
    file.parent.mkdir()
    file.write_text("import yaml\ndef test_it(): assert yaml.__version__ == 'pinned'\n")
    assert run_file(suite, tmp_path, file)[0].state == "failed"
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / "yaml.py").write_text("__version__ = 'pinned'\n")
    assert run_file(suite, tmp_path, file, pins)[0].state == "passed"


def test_what_keeps_a_suite_from_running() -> None:
    assert hindrance(Suite("suite", "a==1", (), "tests", needs=("yaml",))) is None
    assert "no_such_module cannot be imported; the extra `compat`" in str(
        hindrance(Suite("suite", "a==1", (), "tests", needs=("yaml", "no_such_module")))
    )


def test_pins_that_do_not_exist_for_this_python(tmp_path: Path) -> None:
    suite = Suite("suite", "a==1", (), "tests", pins=("numpy<2",), before=(3, 10))
    assert not suite.pinned
    assert fetch_pins(suite, tmp_path) is None
    assert replace(suite, before=(4, 0)).pinned
    listed = Listed({"a": "1"}, {"b": "2"}, {"c": "3"})
    assert (set(listed.of(True)), set(listed.of(False))) == ({"a", "b"}, {"a", "b", "c"})


def test_shares_of_all_and_of_the_public_tests() -> None:
    states = ("passed", "passed", "failed", "failed", "skipped")
    results = [Result("s", "a.py", f"t{k}", state, "") for k, state in enumerate(states)]
    assert row(results, {"a.py::t2": "inside"}) == "5 | 2 | 2 | 1 | 50.0% | 66.7%"


def test_failures_must_be_listed_and_what_is_listed_must_fail() -> None:
    results = [Result("s", "a.py", test, state, "") for test, state in (("x", "failed"), ("y", "passed"))]
    assert judge(results, {}) == ([results[0]], [])
    assert judge(results, {"a.py::x": "reason"}) == ([], [])
    assert judge(results, {"a.py::*": "reason", "a.py::y": "reason"}) == ([], ["a.py::y"])


def test_the_list_gives_reasons() -> None:
    listed = reasons()
    assert set(listed) <= set(SUITES)
    for entries in listed.values():
        assert len(entries.of(False)) == len(entries.inside) + len(entries.public) + len(entries.unpinned)
        for pattern, reason in entries.of(False).items():
            assert "::" in pattern
            assert len(reason.split()) >= 4, f"{pattern}: {reason!r} is no reason"
