"""docs/troubleshooting.md has a row for each public class of errors and warnings, and for nothing else."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

import lava_hw
from tests.docs.markdown import DOCS, ROOT

PAGE = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")


def classes() -> dict[str, str]:
    """Public exceptions of the package: name -> module."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "lava_hw").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[-1] in ("__main__", "as_lava", "_unavailable") or parts[:2] == ("lava_hw", "_data"):
            continue  # programs, the alias for lava, what an installation without a compiler writes
        module = ".".join(parts).removesuffix(".__init__")
        for name, value in vars(importlib.import_module(module)).items():
            if (
                inspect.isclass(value)
                and issubclass(value, BaseException)
                and value.__module__ == module
                and not name.startswith("_")
            ):
                assert found.setdefault(name, module) == module, f"{name} exists twice"
    return found


def rows() -> dict[str, tuple[str, str]]:
    """Class -> heading's text above its table, and its row."""
    found: dict[str, tuple[str, str]] = {}
    above = ""
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            for name in re.findall(r"`(\w+)`", line.split("|")[1]):
                assert name not in found, f"{name} has two rows"
                found[name] = above, line
        elif line.startswith("`lava_hw"):
            above = line
        elif line.startswith("## "):
            above = ""
    return found


def test_each_class_has_a_row_and_each_row_a_class() -> None:
    assert set(rows()) == set(classes())
    assert len(rows()) > 40


def test_a_row_says_what_it_means_and_what_to_do() -> None:
    for name, (_, row) in rows().items():
        _, _, meaning, remedy, _ = row.split("|")
        assert len(meaning.strip()) > 15, name
        assert len(remedy.strip()) > 5 or "parent" in meaning, name


def test_a_class_can_be_imported_from_where_the_page_says() -> None:
    for name, (above, row) in rows().items():
        places = re.findall(r"`(lava_hw[\w.]*)`", above)
        places += re.findall(r"`(lava_hw\.[\w.]+)`", row)
        found = [place for place in places if hasattr(importlib.import_module(place), name)]
        if name not in ("RemoteTraceback", "CommandError", "BenchTimeout"):  # nobody catches these
            assert found, f"{name} is in none of {places}"


def test_parents_are_those_that_the_page_says() -> None:
    for parent, base, module in (
        ("CompileError", ValueError, "lava_hw.compiler.errors"),
        ("RunError", RuntimeError, "lava_hw.runtime.errors"),
        ("DeviceError", RuntimeError, "lava_hw.device.errors"),
    ):
        assert re.search(rf"All are a `{parent}`, and a {base.__name__}\.", PAGE)
        home = importlib.import_module(module)
        assert issubclass(getattr(home, parent), base)
        heading = next(above for name, (above, _) in rows().items() if name == parent)
        for name, (above, _) in rows().items():
            if above == heading and name != "RunCancelled":
                where = importlib.import_module(classes()[name])
                assert issubclass(getattr(where, name), getattr(home, parent)), name


def test_all_warnings_have_one_parent() -> None:
    for name, module in classes().items():
        if name.endswith("Warning"):
            assert issubclass(getattr(importlib.import_module(module), name), lava_hw.LavaHwWarning)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # a weight that is changed is the subject
def test_answers_to_the_questions_hold() -> None:
    from lava_hw import LIF, Dense, Loihi2SimCfg, RunSteps, Sink, Source

    assert "A weight of 7 acts as 6." in PAGE
    source, sink = Source(data=[[1, 0], [0, 0]]), Sink(shape=(1,), buffer=2)
    dense, neurons = Dense(weights=[[7, -2]]), LIF(shape=(1,), du=4095, vth=100)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect([neurons.a_in, sink.a_in])
    with neurons:
        neurons.run(RunSteps(2), Loihi2SimCfg(select_tag="fixed_pt"))
        received, membrane = sink.data.get()[0].tolist(), neurons.v.get()
    assert received == [0, 6]  # a step later; even, since both signs are there
    assert membrane == 6 * 64
