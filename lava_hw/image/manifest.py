"""What a manifest must say: docs/image.md section 3, held against the chip. Vars are in stores.py."""

from __future__ import annotations

import math
from typing import Any

from lava_hw.chip import Chip, ChipError
from lava_hw.image.errors import ImageError
from lava_hw.image.shapes import (
    ELEMENTS,
    Check,
    dtype,
    fail,
    integer,
    list_of,
    map_of,
    nullable,
    one_of,
    order_of,
    orders,
    record,
    shape,
    text,
)
from lava_hw.image.stores import var
from lava_hw.regs import LAYOUT_HASH, MAX_STAGES

FORMAT, VERSION = "lava_hw manifest", 1


def check_manifest(m: dict[str, Any], chip: Chip) -> None:
    """Check a manifest against docs/image.md section 3 and the chip; further keys are allowed.

    Raises
    ------
    ImageError
        For the first thing that is missing, of the wrong type, out of range, or contradicts another.
    """
    core = one_of(*chip.cores)
    stage = integer(0, MAX_STAGES - 1)
    process = record({"class": text, "cores": list_of(core)})
    stages = record(
        {"count": integer(1, MAX_STAGES), "needs_close": list_of(stage), "needs_end": list_of(stage)}
    )
    count = integer(0, (1 << 63) - 1)
    names = list_of(text)
    record(
        {
            "format": one_of(FORMAT),
            "version": _version,
            "layout_hash": one_of(LAYOUT_HASH),
            "config_id": one_of(chip.config_id),
            "stages": stages,
            "processes": map_of(process),
            "inputs": map_of(_input(core, stage, chip)),
            "outputs": map_of(_output(stage)),
            "vars": map_of(var(core, chip)),
            "report": map_of(map_of(list_of(count, 2))),
        },
        {
            "groups": map_of(list_of(text)),
            "aliases": map_of(text),
            "programs": map_of(list_of(record({"process": text}, {"state": names, "const": names}))),
        },
    )(m, "")
    known = m["inputs"].keys()
    for port, members in m.get("groups", {}).items():
        if not known >= set(members):
            fail(f"groups.{port[:60]}", "names an input that is not there")
    for port, key in m.get("aliases", {}).items():
        if key not in known:
            fail(f"aliases.{port[:60]}", "names an input that is not there")
    for key in ("needs_close", "needs_end"):
        if any(s >= m["stages"]["count"] for s in m["stages"][key]):
            fail(f"stages.{key}", f"names a stage beyond the {m['stages']['count']} of the step")
    try:
        if Chip.from_dict(m["chip"], "manifest: chip") != chip:
            fail("chip", "is another chip than the image's")
    except ChipError as err:
        raise ImageError(str(err)) from None
    for key in m["report"]:
        if key not in map(str, chip.cores):
            fail(f"report.{key[:60]}", "is not a core of the chip")


def _version(value: Any, where: str) -> None:
    if type(value) is int and value > VERSION:
        fail(where, f"{value} is too new, this lava_hw reads up to {VERSION}; install a newer one")
    one_of(VERSION)(value, where)


def _input(core: Check, stage: Check, chip: Chip) -> Check:
    target = record(
        {"core": core, "conn": integer(0, chip.connections - 1), "count": integer(0, ELEMENTS)},
        {
            "index_base": integer(0, 4095),
            "order": orders,
            "first": integer(0, ELEMENTS),
        },
    )
    whole = record(
        {
            "shape": shape(ELEMENTS),
            "kind": one_of("connection", "port"),
            "stage": nullable(stage),
            "mode": one_of("mask", "graded"),
            "targets": list_of(target),
        }
    )

    def check(value: Any, where: str) -> None:
        whole(value, where)
        if (value["kind"] == "port") != (value["stage"] is not None):
            fail(f"{where}.stage", "is a number for a port and null for a connection")
        for i, entry in enumerate(value["targets"]):
            order_of(entry, math.prod(value["shape"]), f"{where}.targets[{i}]")

    return check


def _output(stage: Check) -> Check:
    stream = record(
        {"stream": integer(0, 255), "count": integer(0, ELEMENTS)},
        {"first": integer(0, ELEMENTS), "order": orders},
    )
    whole = record(
        {
            "shape": shape(ELEMENTS),
            "dtype": dtype,
            "stage": stage,
            "mode": one_of("mask", "graded"),
            "streams": list_of(stream),
        }
    )

    def check(value: Any, where: str) -> None:
        whole(value, where)
        for i, entry in enumerate(value["streams"]):
            order_of(entry, math.prod(value["shape"]), f"{where}.streams[{i}]")

    return check
