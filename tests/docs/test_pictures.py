"""The pictures of the pages are those of their texts, are shown, and say what is true of the RTL."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lava_hw.regs import TokenOut
from tests.docs.markdown import DOCS, ROOT, blocks
from tests.docs.test_pages import PAGES
from tests.layout.test_imports import MAY
from tests.system import vcd

PICTURES = DOCS / "pictures"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pictures", PICTURES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pictures_are_those_of_their_texts() -> None:
    """After an edit of a text or of the table in docs/layout.md: `make docs`."""
    drawn = maker().pictures()
    assert {p.name for p in PICTURES.glob("*.svg")} == set(drawn)
    for name, content in drawn.items():
        assert (PICTURES / name).read_text(encoding="utf-8") == content, f"run `make docs`: {name} is old"


def shown() -> list[tuple[Path, str, Path]]:
    """Page, words for who cannot see it, and file of each picture on a page."""
    found = []
    for page in PAGES:
        for words, name in re.findall(r"!\[(.*?)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if not name.startswith("http"):
                found.append((page, words, (page.parent / name).resolve()))
    return found


def test_pages_show_pictures_that_exist() -> None:
    for page, words, path in shown():
        assert path.is_file(), f"{page.name} shows {path}"
        assert len(words) > 10, f"{page.name}: {path.name} has no words for who cannot see it"


def test_every_picture_is_shown() -> None:
    assert set(PICTURES.glob("*.svg")) <= {path for _, _, path in shown()}


def test_every_picture_is_on_white() -> None:
    """They are read on light and dark pages."""
    for path in PICTURES.glob("*.svg"):
        assert re.search(r'<(?:rect|polygon)[^>]* fill="white"', path.read_text(encoding="utf-8")), path.name


def texts(name: str) -> list[str]:
    return re.findall(r">([^<>\n]+)</text>", (PICTURES / name).read_text(encoding="utf-8"))


def test_the_layers_are_those_of_the_table() -> None:
    left_out = maker().LEFT_OUT
    assert set(texts("layers.svg")) == {n for n in MAY if not n.startswith("_")} - left_out
    page = (DOCS / "layout.md").read_text(encoding="utf-8")
    caption = page[page.index("layers.svg") :].split("\n\n")[1]
    assert set(re.findall(r"`(\w+)`", caption)) == left_out
    colours = {name for names in maker().COLOURS.values() for name in names}
    assert set(texts("layers.svg")) <= colours, "a package without a colour"


def test_a_way_over_others_stands_for_an_arrow() -> None:
    may = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert maker().shortest(may) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}


# -- waveforms ---------------------------------------------------------------------------------------------


def signals(name: str) -> dict[str, dict[str, Any]]:
    """Give the signals of a waveform: "group name" to the signal."""

    def walk(entries: list[Any], group: str = "") -> Any:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry[1:], f"{entry[0]} ")
            elif entry:
                yield group + entry["name"], entry

    return dict(walk(json.loads((PICTURES / name).read_text(encoding="utf-8"))["signal"]))


def columns(signal: dict[str, Any]) -> list[str | None]:
    """Give what a signal is in each column: "0", "1", a text, or None for nothing; gaps are left out."""
    data = iter(signal.get("data", ()))
    values: list[str | None] = []
    value: str | None = None
    for letter in signal["wave"]:
        if letter == "|":
            continue
        if letter in "=23456789":
            value = next(data)
        elif letter != ".":
            value = letter if letter in "01" else None
        values.append(value)
    assert next(data, None) is None, signal["name"]
    return values


def test_the_link_obeys_the_rules() -> None:
    """Rules 2 to 4 of rtl/README.md, with the numbers of the router: four places, two of them the slack."""
    link = {name: columns(signal) for name, signal in signals("link.json").items() if name != "clock"}
    places, slack = 4, 2
    router = (ROOT / "rtl/noc/lhw_router.sv").read_text(encoding="utf-8")
    assert f"Depth = {places};" in router
    assert f"<= count[0] <= 3'(Depth - {slack});" in router
    sent = [flit for flit in link["sender flit"] if flit]
    queue: list[str | None] = []
    for now in range(1, len(link["sender valid"])):
        before = now - 1
        if link["sender valid"][before] == "1":
            queue.append(link["sender flit"][before])
        leaves = queue.pop(0) if queue and link["next link ready"][before] == "1" else None
        assert link["next link flit"][now] == leaves
        assert link["receiver places taken"][now] == str(len(queue))
        assert len(queue) <= places
        assert link["receiver ready"][now] == str(int(len(queue) <= places - slack))
        left = now - 1 < len(link["sender flit"]) and any(link["sender flit"][now:])
        may = link["receiver ready"][before] == "1"
        assert (link["sender flit"][now] is not None) == (may and left)
        assert link["sender valid"][now] == str(int(link["sender flit"][now] is not None))
    assert [flit for flit in link["next link flit"] if flit] == sent == list("ABCDEF")
    assert max(link["receiver places taken"], key=lambda n: int(n or 0)) == str(places)


def test_the_tokens_are_those_of_the_page() -> None:
    """Words of "What went over the wire" in docs/architecture.md."""
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^(to|from) the chip +[0-9a-f]{16} +(.*)$", page, re.MULTILINE)
    told: dict[str, list[str]] = {"to": [], "from": []}
    for way, words in rows:
        neuron = re.search(r"neuron (\d+)", words)
        number = re.search(r"step (\d+)", words)
        token = f"{words.split()[0]} {number[1]}" if number else words
        told[way].append(f"spike {neuron[1]}" if neuron else token)
    tokens = signals("tokens.json")
    assert tokens["head of the input"]["data"] == told["to"]
    assert tokens["to the host"]["data"] == told["from"]


def test_the_numbers_of_the_spike_are_those_of_the_page() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    words = " ".join(texts("spike.svg")).replace("&lt;", "<").replace("&gt;", ">")
    for number in re.findall(r"\b[0-9a-f]{16}\b", words):
        assert number in page
    for words_of_both in ("20 << 6 = 1280", "15 << 6 = 960", "17 instructions", "0b10"):
        assert words_of_both in words
        assert words_of_both in page


@pytest.mark.rtl
@pytest.mark.slow
def test_the_step_is_what_the_rtl_does(tmp_path: Path) -> None:
    """Cycle by cycle, in the program of docs/architecture.md."""
    (code,) = blocks(DOCS / "architecture.md")
    path = tmp_path / "steps.vcd"
    traced = f'device="verilator", chip="tiny", trace=(1, 3, {str(path)!r})'
    exec(code.replace('device="golden", chip="test8"', traced), {})
    wave = vcd.read(path, "top.lhw_chip")
    step = signals("step.json")
    cycles = [int(cycle) for cycle in columns(step.pop("clock cycle")) if cycle]
    for name, signal in step.items():
        rows = wave.at_rising("clk_i", *signal["rtl"].split())
        for column, cycle in enumerate(cycles):
            value, drawn = rows[cycle], columns(signal)[column]
            expected: str | None
            if name == "to the host":
                token = (value[1] >> 44) & 0xFF == TokenOut.END and value[1] >> 60 == 3
                expected = ("END" if token else "spike") if value[0] else None
            elif name == "event to the mesh":
                expected = "spike" if value[0] else None
            elif name == "CLOSE that waits":
                expected = str(value[1]) if value[0] else None
            elif name == "step T":
                expected = str(value[0])
            else:
                expected = str(int(any(value)))
            assert drawn == expected, f"{name} in cycle {cycle}"
