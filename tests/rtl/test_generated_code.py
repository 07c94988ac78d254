"""What Verilator makes of the RTL: no vector of lanes is copied in every cycle.

A register that is written by `<=` and read by another process may get a copy (``__Vdly__``) that is made at
the begin of each cycle and copied back at its end, whether anything happens or not. For a number that costs
nothing. For a vector of 32 numbers it is as much as an instruction of the neuron engine, in cores that rest,
too (rtl/core/README.md).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lhw_bench import verilator

BYTES = {"CData": 1, "SData": 2, "IData": 4, "QData": 8}
REGISTER = 32
"""Bytes of a register of the processor: a copy of so many is two instructions."""
_COPY = re.compile(r"\bVlUnpacked<(\w+)(?:/\*\d+:0\*/)?, (\d+)> __Vdly__(\w+);")
_WIDE = re.compile(r"\bVlWide<(\d+)>(?:/\*\d+:0\*/)? __Vdly__(\w+);")


def copies(code: str) -> dict[str, int]:
    """Give the vectors that are copied in every cycle, with their bytes, if they are more than a register."""
    found = {name: BYTES[kind] * int(count) for kind, count, name in _COPY.findall(code)}
    found |= {name: 4 * int(count) for count, name in _WIDE.findall(code)}
    return {name: size for name, size in found.items() if size > REGISTER}


def test_copies_are_found() -> None:
    code = """
    VlUnpacked<IData/*31:0*/, 32> __Vdly__core__DOT__n_rdata;
    VlUnpacked<CData/*7:0*/, 32> __Vdly__core__DOT__weights;
    VlWide<9>/*287:0*/ __Vdly__core__DOT__word;
    IData/*31:0*/ __Vdly__core__DOT__count;
    """
    assert copies(code) == {"core__DOT__n_rdata": 128, "core__DOT__word": 36}


@pytest.mark.rtl
@pytest.mark.parametrize(
    ("top", "parameters"),
    [
        ("lhw_tile", {"MeshX": 2, "MeshY": 2, "Lanes": 32, "Word": 256}),
        ("lhw_host", {"MeshX": 8, "MeshY": 7, "Lanes": 32, "Word": 256}),
        ("lhw_chip", {"MeshX": 2, "MeshY": 1, "Lanes": 32, "Word": 256}),
    ],
)
def test_no_vector_is_copied_in_every_cycle(top: str, parameters: dict[str, int], tmp_path: Path) -> None:
    done = verilator(
        top, "--cc", "-O3", "--no-assert", "--x-assign", "fast", "--x-initial", "fast", "--output-split", "0",
        "--prefix", "Vtop", "--Mdir", str(tmp_path),
        *(f"-G{name}={value}" for name, value in parameters.items()),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    code = "\n".join(path.read_text() for path in sorted(tmp_path.glob("Vtop*.cpp")))
    assert "__Vdly__" in code  # the name is still the one that is looked for
    assert copies(code) == {}
