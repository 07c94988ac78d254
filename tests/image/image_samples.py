"""A small image, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.image import Image, Manifest, Segment, address, synapse_address
from lava_hw.regs import (
    CONTROL_CORE,
    LAYOUT_HASH,
    STAGE,
    ChipCsr,
    ConnKind,
    CoreRegion,
)
from tests.tables import packed

PROGRAM = """
acc  r0, c0, slot 0, last
mov  r1, [0]
add  r1, r1, r0
cmp  p0, r1 > c1
mov  r1, #0 if p0
st   [0], r1
emitm ch0 if p0
"""


def words(*values: int) -> np.ndarray:
    return np.array(values, np.uint32)


def sample_segments(chip: Chip) -> list[Segment]:
    """A population of 10 integrators on core 0 with one dense input of 3 sources, sent to the host."""
    groups = -(-10 // chip.lanes)
    code = isa.assemble(PROGRAM)
    parts = chip.synapse_parts
    tail = 10 - (groups - 1) * chip.lanes
    population = packed("POPULATION", count=len(code), nvars=1, groups=groups, tail=tail, route_count=1)
    connection = packed(
        "CONNECTION", kind=ConnKind.DENSE, is_signed=1, slot=1, groups=groups, stride=groups, sources=3,
        targets=10,
    )  # fmt: skip
    return [
        Segment(CONTROL_CORE, ChipCsr.STAGES, words(1, 1, 1)),
        Segment(0, synapse_address(), np.arange(3 * groups * parts, dtype=np.uint32)),
        Segment(0, address(CoreRegion.UCODE), words(*code)),
        Segment(0, address(CoreRegion.CONSTANT), words(0, 100)),
        Segment(0, address(CoreRegion.STATE), np.zeros(groups * chip.lanes, np.uint32)),
        Segment(0, address(CoreRegion.POPULATION), words(*population)),
        Segment(0, address(CoreRegion.CONNECTION), words(*connection)),
        Segment(0, address(CoreRegion.ROUTE), words(*packed("ROUTE", groups=groups, conn=5, egress=1))),
        Segment(0, address(CoreRegion.STAGE), words(STAGE.pack(first=0, count=1))),
    ]


def elements(count: int, first: int = 0, order: list[int] | None = None) -> dict[str, Any]:
    return {"count": count, "first": first, "order": order}


def var(
    shape: list[int],
    dtype: str,
    store: dict[str, Any],
    low: int | None = None,
    high: int | None = None,
    pattern: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {"shape": shape, "dtype": dtype, "store": store, "low": low, "high": high, "pattern": pattern}


def manifest_json(chip: Chip) -> dict[str, Any]:
    """The manifest as JSON values."""
    groups = -(-10 // chip.lanes)
    weights = {
        "kind": "weights", "sign_mode": 1, "num_weight_bits": 8, "sign_given": False, "exp": 0,
        "converts": True,
        "pieces": [
            {"core": 0, "conns": [0], "signed": True, "negate": False, "shift": 0, "bits": 8,
             "layout": {"kind": "dense", "bits": 8, "line": 0, "stride": groups,
                        "sources": elements(3, 0, [2, 0, 1]), "targets": elements(10), "delays": False,
                        "part": "weights"}}
        ],
    }  # fmt: skip
    state = {
        "kind": "state", "scale": 1, "offset": 0,
        "pieces": [{"core": 0, "base": 0, "nvars": 1, "var": 0, "elements": elements(10)}],
    }  # fmt: skip
    const = {"kind": "const", "scale": 1, "offset": 0, "at": [{"core": 0, "index": 1}]}
    acc = {
        "kind": "acc",
        "pieces": [{"core": 0, "base": 0, "elements": elements(10), "slot": 0, "part": 0, "area": 0}],
        "shift": 6,
        "bits": 32,
    }
    rows = {
        "kind": "rows", "line": 0, "words": 1, "bits": 8, "group_lines": 1, "delays": True,
        "elements_of": elements(chip.lanes, 0, [1, 0, *[-1] * (chip.lanes - 2)]),
    }  # fmt: skip
    delays = {
        "kind": "delays", "most": 0, "values": [0, 0],
        "pieces": [{"core": 0, "layout": {**rows, "part": "delays"},
                    "areas": {**rows, "part": "groups"}, "pitch": groups}],
    }  # fmt: skip
    return {
        "format": "lava_hw manifest",
        "version": 3,
        "chip": chip.to_dict(),
        "config_id": chip.config_id,
        "layout_hash": LAYOUT_HASH,
        "stages": {"count": 1, "needs_close": [0], "needs_end": [0]},
        "processes": {
            "if": {"class": "somewhere.If", "cores": [0]}, "dense": {"class": "d.Dense", "cores": [0]}
        },
        "inputs": {
            "dense.s_in": {
                "shape": [3], "kind": "connection", "stage": None, "mode": "mask",
                "targets": [{"port": "dense.s_in", "core": 0, "conn": 0, "index_base": 0,
                             "elements": elements(3, 0, [2, 0, 1])}],
            }
        },
        "outputs": {
            "if.s_out": {
                "shape": [10], "dtype": "int32", "stage": 0, "mode": "mask", "channel": 0,
                "streams": [{"stream": 5, "elements": elements(10)}],
            }
        },
        "groups": {},
        "aliases": {},
        "vars": {
            "if.v": var([10], "int32", state, -(1 << 23), 1 << 23),
            "if.vth": var([1], "int32", const),
            "if.a": var([10], "int32", acc),
            "if.lat": var(
                [1], "int32",
                {"kind": "latched", "raw": const, "latched": const, "shift": 6, "min": -5, "max": 5},
            ),
            "if.name": var([2], "float64", {"kind": "host", "value": [1, 2.5], "frozen": False}),
            "if.delta": var(
                [1], "float64",
                {"kind": "computed", "raw": {"kind": "host", "value": [0.5], "frozen": False},
                 "writes": [{"rule": "kept", "store": {**const}}], "then": None},
            ),
            "if.theta": var(
                [10], "float64",
                {"kind": "computed", "raw": {"kind": "host", "value": 5, "frozen": False}, "writes": [],
                 "then": {**state}},
            ),
            "dense.weights": var([10, 3], "int32", weights),
            "dense.delays": var([3, 3], "int32", delays, pattern={"first": [0, 1, 1, 2], "columns": [2, 0]}),
        },
        "report": {"0": {"neurons": [10, chip.neurons]}},
        "programs": {
            "0": [
                {"process": "if", "role": "process", "stage": 0, "first": 0, "count": 10,
                 "in_ports": ["a_in"], "out_ports": [{"port": "s_out", "channel": 0}],
                 "state": ["v"], "const": ["a_in", "vth"]}
            ]
        },
    }  # fmt: skip


def sample_manifest(chip: Chip) -> Manifest:
    return Manifest.from_json(manifest_json(chip))


def sample(name: str = "small") -> Image:
    chip = Chip.load(name)
    return Image(chip, tuple(sample_segments(chip)), sample_manifest(chip))
