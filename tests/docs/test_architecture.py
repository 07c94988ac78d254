"""The way of one spike in docs/architecture.md: the flits are those on the wire, the functions exist."""

from __future__ import annotations

import importlib
import re
from typing import Any

import numpy as np
import pytest

from lava_hw.device.golden import GoldenTransport
from lava_hw.device.verilator import VerilatorTransport
from tests.docs.markdown import DOCS, ROOT, blocks

PAGE = DOCS / "architecture.md"
TEXT = PAGE.read_text(encoding="utf-8")


def told() -> list[tuple[str, int]]:
    """The stream as the page has it."""
    return [
        (way, int(flit, 16))
        for way, flit in re.findall(r"^(to|from) the chip +([0-9a-f]{16}) ", TEXT, re.MULTILINE)
    ]


def stream(
    device: str, transport: type[Any], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[tuple[str, int]], Any]:
    """Run the page's program; give all flits in both directions, and what the sink received."""
    log: list[tuple[str, int]] = []
    push, pop = transport.push, transport.pop

    def logged_push(self: Any, flits: Any) -> None:
        log.extend(("to", int(flit)) for flit in flits)
        push(self, flits)

    def logged_pop(self: Any, block: bool) -> Any:
        flits = pop(self, block)
        log.extend(("from", int(flit)) for flit in flits)
        return flits

    monkeypatch.setattr(transport, "push", logged_push)
    monkeypatch.setattr(transport, "pop", logged_pop)
    (code,) = blocks(PAGE)
    names: dict[str, Any] = {}
    exec(code.replace('device="golden"', f'device="{device}", build="checked"'), names)
    return log, names["received"]


@pytest.mark.parametrize(
    ("device", "transport"),
    [
        ("golden", GoldenTransport),
        pytest.param("verilator", VerilatorTransport, marks=[pytest.mark.rtl, pytest.mark.slow]),
    ],
)
def test_the_way_of_one_spike(device: str, transport: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    log, received = stream(device, transport, monkeypatch)
    assert np.argwhere(received).tolist() == [[9, 1]]
    for way in ("to", "from"):
        flits = [flit for w, flit in log if w == way]
        expected = [flit for w, flit in told() if w == way]
        assert len(expected) > 3
        start = flits.index(expected[0])
        assert flits[start : start + len(expected)] == expected
    # The flit that carries the weight is one of those that load the image.
    (weight,) = re.findall(r"carries the weight: `([0-9a-f]{16})`", TEXT)
    assert ("to", int(weight, 16)) in log


def test_the_functions_that_are_named_exist() -> None:
    named = re.findall(r"`(lava_hw/[\w/]+)\.py`\s+`([\w.]+)`", TEXT)
    assert len(named) > 15
    for module, path in named:
        value: Any = importlib.import_module(module.replace("/", "."))
        for name in path.split("."):
            value = getattr(value, name)
        assert callable(value), path


def test_the_classes_of_the_harness_exist() -> None:
    for name in set(re.findall(r"`(Sim::\w+)`", TEXT)):
        assert f" {name}(" in (ROOT / "sim/sim.cpp").read_text(encoding="utf-8"), name
