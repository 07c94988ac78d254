"""A small image, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.image import Image, Segment, address, synapse_address
from lava_hw.regs import (
    CONNECTION0,
    CONNECTION1,
    CONNECTION2,
    CONNECTION3,
    CONNECTION4,
    CONNECTION5,
    CONTROL_CORE,
    LAYOUT_HASH,
    POPULATION0,
    POPULATION1,
    POPULATION2,
    POPULATION3,
    POPULATION4,
    ROUTE0,
    ROUTE1,
    STAGE,
    ChipCsr,
    ConnKind,
    CoreRegion,
)

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
    return [
        Segment(CONTROL_CORE, ChipCsr.STAGES, words(1, 1, 1)),
        Segment(0, synapse_address(), np.arange(3 * groups * parts, dtype=np.uint32)),
        Segment(0, address(CoreRegion.UCODE), words(*code)),
        Segment(0, address(CoreRegion.CONSTANT), words(0, 100)),
        Segment(0, address(CoreRegion.STATE), np.zeros(groups * chip.lanes, np.uint32)),
        Segment(
            0,
            address(CoreRegion.POPULATION),
            words(
                POPULATION0.pack(pc=0, count=len(code), nvars=1),
                POPULATION1.pack(state_base=0, const_base=0),
                POPULATION2.pack(groups=groups, tail=10 - (groups - 1) * chip.lanes),
                POPULATION3.pack(route_base=0, route_count=1),
                POPULATION4.pack(index_base=0),
            ),
        ),
        Segment(
            0,
            address(CoreRegion.CONNECTION),
            words(
                CONNECTION0.pack(kind=ConnKind.DENSE, is_signed=1, slot=1),
                CONNECTION1.pack(acc_base=0, groups=groups),
                CONNECTION2.pack(syn_base=0),
                CONNECTION3.pack(stride=groups),
                CONNECTION4.pack(sources=3),
                CONNECTION5.pack(targets=10),
            ),
        ),
        Segment(
            0,
            address(CoreRegion.ROUTE),
            words(ROUTE0.pack(first=0, groups=groups, channel=0), ROUTE1.pack(conn=5, dest=0, egress=1)),
        ),
        Segment(0, address(CoreRegion.STAGE), words(STAGE.pack(first=0, count=1))),
    ]


def sample_manifest(chip: Chip) -> dict[str, Any]:
    groups = -(-10 // chip.lanes)
    weights = {
        "kind": "weights", "rows": 3, "cols": 10, "sign_mode": 1, "num_weight_bits": 8, "sign_given": False,
        "pieces": [
            {"core": 0, "line": 0, "stride": groups, "rows": 3, "row_order": [2, 0, 1], "count": 10,
             "col_order": None, "signed": True, "negate": False, "shift": 0}
        ],
    }  # fmt: skip
    state = {
        "kind": "state",
        "pieces": [{"core": 0, "base": 0, "nvars": 1, "var": 0, "first": 0, "count": 10}],
    }
    const = {"kind": "const", "places": [[0, 1]], "scale": 1, "offset": 0}
    return {
        "format": "lava_hw manifest",
        "version": 1,
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
                "targets": [{"core": 0, "conn": 0, "count": 3, "index_base": 0, "order": [2, 0, 1]}],
            }
        },
        "outputs": {
            "if.s_out": {
                "shape": [10], "dtype": "int32", "stage": 0, "mode": "mask",
                "streams": [{"stream": 5, "first": 0, "count": 10}],
            }
        },
        "vars": {
            "if.v": {"shape": [10], "dtype": "int32", "store": state},
            "if.vth": {"shape": [1], "dtype": "int32", "store": const},
            "if.a": {
                "shape": [10], "dtype": "int32",
                "store": {"kind": "acc", "pieces": [{"core": 0, "base": 0, "count": 10}], "shift": 6},
            },
            "if.lat": {
                "shape": [1], "dtype": "int32",
                "store": {"kind": "latched", "raw": const, "latched": const, "shift": 6, "min": -5, "max": 5},
            },
            "if.name": {"shape": [2], "dtype": "float64", "store": {"kind": "host", "value": [1, 2.5]}},
            "dense.weights": {"shape": [10, 3], "dtype": "int32", "store": weights},
        },
        "report": {"0": {"neurons": [10, chip.neurons]}},
        "programs": {"0": [{"process": "if", "state": ["v"], "const": ["a_in", "vth"]}]},
    }  # fmt: skip


def sample(name: str = "small") -> Image:
    chip = Chip.load(name)
    return Image(chip, tuple(sample_segments(chip)), sample_manifest(chip))
