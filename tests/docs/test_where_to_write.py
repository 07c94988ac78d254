"""docs/where_to_write.md: the files that it names are those that the project looks for."""

from __future__ import annotations

import re

import pytest

from lava_hw import devices
from lava_hw.cli.main import _parser
from lava_hw.compiler import pipeline
from tests.compiler import test_new_kind
from tests.docs.markdown import DOCS, ROOT

PAGE = (DOCS / "where_to_write.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_each_idea_has_a_section() -> None:
    ideas = re.findall(r"^\| .* \| \[(.*)\]\(#.*\) \|$", PAGE, re.MULTILINE)
    assert ideas == re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    for idea in ideas:
        assert "Done when: " in section(idea)


@pytest.mark.parametrize("name", ["process", "models", "hw_models"])
def test_the_neurons_of_the_library_lie_there(name: str) -> None:
    assert f"`lava_hw/proc/<name>/{name}.py`" in section("A neuron")
    assert (ROOT / f"lava_hw/proc/lif/{name}.py").is_file()


def test_a_connection_kind_is_the_files_of_the_toy() -> None:
    """Those that tests/compiler/test_new_kind.py adds, and those that a process on the RTL needs besides."""
    text = section("A connection kind")
    kinds = set(re.findall(r"^\| `(lava_hw/\S+/)<kind>\.py`", text, re.MULTILINE))
    assert kinds == {name.removesuffix("one_each.py") for name in test_new_kind.NEW}
    for folder in kinds:
        assert (ROOT / folder / "dense.py").is_file(), folder
    assert f"`{test_new_kind.RDL}`" in text


def test_the_table_of_devices_is_the_one_that_is_named() -> None:
    text = section("A device")
    assert "`lava_hw/devices.py`" in text
    assert f"group `{devices.GROUP}`" in text
    assert callable(devices.register)
    for method in ("open", "owner", "release"):
        assert re.search(rf"\b{method}\b", text)


def test_commands_are_added_in_one_place() -> None:
    text = section("A command")
    assert "one call of `command` in `_parser`" in text
    assert "command(commands, " in (ROOT / "lava_hw/cli/main.py").read_text(encoding="utf-8")
    assert callable(_parser)


def test_passes_lie_where_their_verb_says() -> None:
    """In pipeline.py the passes are called by their names."""
    text = section("A pass")
    called = re.findall(r"`(\w+)`", text.split("`lava_hw/compiler/pipeline.py`")[1].split("\n")[0])
    assert called
    for name in called:
        assert callable(getattr(pipeline, name))
    for verb in ("lower", "legalise", "partition", "place", "schedule", "route", "encode"):
        assert (ROOT / f"lava_hw/compiler/{verb}.py").is_file()
        assert (ROOT / f"tests/compiler/test_{verb}.py").is_file()
        assert callable(getattr(pipeline, "lower_network" if verb == "lower" else verb))
