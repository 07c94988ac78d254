"""Where a Var is kept: the check of each kind of store of docs/image.md section 3."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.shapes import (
    ELEMENTS,
    Check,
    at_most,
    boolean,
    dtype,
    fail,
    integer,
    list_of,
    number,
    numbers,
    one_of,
    order_of,
    orders,
    record,
    shape,
)

_INT32 = (-(1 << 31), (1 << 31) - 1)


def var(core: Check, chip: Chip) -> Check:
    """Give the check of an entry of `vars`."""
    most = len(chip.cores) * chip.synapse_lines * chip.word // 8 + ELEMENTS
    whole = record({"shape": shape(most), "dtype": dtype, "store": _kind})

    def check(value: Any, where: str) -> None:
        whole(value, where)
        _store(core, chip)(value["store"], f"{where}.store", math.prod(value["shape"]), value["shape"])

    return check


_KINDS = ("state", "const", "latched", "acc", "weights", "host")


def _kind(value: Any, where: str) -> None:
    record({"kind": one_of(*_KINDS)})(value, where)


def _store(core: Check, chip: Chip) -> Callable[[Any, str, int, list[int]], None]:
    """Give the check of a store of a Var with so many elements and such a shape."""
    line, count = integer(0, chip.state_lines - 1), integer(0, chip.state_lines * chip.lanes)
    amount = integer(0, 31)
    state = record(
        {
            "pieces": list_of(
                record(
                    {
                        "core": core,
                        "base": line,
                        "nvars": integer(1, 255),
                        "var": integer(0, 254),
                        "count": count,
                    },
                    {"first": count, "order": orders},
                )
            )
        },
        {"scale": one_of(1, -1), "offset": integer(*_INT32)},
    )
    const = record(
        {"places": list_of(list_of(number, 2)), "scale": one_of(1, -1), "offset": integer(*_INT32)}
    )
    latched = record(
        {"raw": _kind, "latched": _kind, "shift": amount, "min": integer(*_INT32), "max": integer(*_INT32)}
    )
    group = integer(0, chip.acc_groups - 1)
    acc = record(
        {
            "pieces": list_of(
                record({"core": core, "base": group, "count": count}, {"first": count, "order": orders})
            ),
            "shift": amount,
        }
    )
    most = chip.synapse_lines * chip.word // 8
    piece = record(
        {
            "core": core,
            "line": integer(0, chip.synapse_lines - 1),
            "stride": integer(0, chip.synapse_lines),
            "rows": integer(0, most),
            "count": integer(0, most),
            "signed": boolean,
            "negate": boolean,
            "shift": amount,
        },
        {
            "conns": numbers(0, chip.connections - 1),
            "first": count,
            "row_order": orders,
            "col_order": orders,
        },
    )
    weights = record(
        {
            "rows": integer(0, ELEMENTS),
            "cols": integer(0, ELEMENTS),
            "sign_mode": integer(0, 3),
            "num_weight_bits": integer(0, 31),
            "sign_given": boolean,
            "pieces": list_of(piece),
        },
        {"exp": amount},
    )
    host = record({}, {"frozen": boolean})
    checks = {
        "state": state,
        "const": const,
        "latched": latched,
        "acc": acc,
        "weights": weights,
        "host": host,
    }

    def check(value: Any, where: str, size: int, dims: list[int]) -> None:
        _kind(value, where)
        kind = value["kind"]
        checks[kind](value, where)
        if kind == "latched":
            for key in ("raw", "latched"):
                if value[key]["kind"] == "latched":
                    fail(f"{where}.{key}", "a latched store cannot hold another one")
                check(value[key], f"{where}.{key}", size, dims)
        elif kind in ("state", "acc"):
            for i, entry in enumerate(value["pieces"]):
                order_of(entry, size, f"{where}.pieces[{i}]")
                _extent(entry, kind, chip, f"{where}.pieces[{i}]")
        elif kind == "const":
            for i, (one, index) in enumerate(value["places"]):
                core(one, f"{where}.places[{i}][0]")
                integer(0, chip.const_words - 1)(index, f"{where}.places[{i}][1]")
        elif kind == "weights":
            at_most(value["rows"] * value["cols"], size, f"{where}.rows * cols")
            for i, entry in enumerate(value["pieces"]):
                _weights_piece(entry, value, chip, f"{where}.pieces[{i}]")
        elif np.shape(_host_array(value, where)) not in ((), tuple(dims)):
            fail(f"{where}.value", f"has not the shape {tuple(dims)}")

    return check


def _extent(entry: dict[str, Any], kind: str, chip: Chip, where: str) -> None:
    groups = -(-entry["count"] // chip.lanes)
    if kind == "acc":
        at_most(entry["base"] + groups, chip.acc_groups, f"{where}: accumulator groups")
    elif groups:
        if entry["var"] >= entry["nvars"]:
            fail(where, f"variable {entry['var']} of {entry['nvars']}")
        last = entry["base"] + (groups - 1) * entry["nvars"] + entry["var"]
        at_most(last + 1, chip.state_lines, f"{where}: state lines")


def _weights_piece(entry: dict[str, Any], whole: dict[str, Any], chip: Chip, where: str) -> None:
    rows = {"count": entry["rows"], "order": entry.get("row_order")}
    order_of(rows, whole["rows"], f"{where}.row_order")
    order_of(entry, whole["cols"], where, order="col_order")
    if entry["rows"] and entry["count"]:
        words = -(-entry["count"] * 8 // chip.word)
        last = entry["line"] + (entry["rows"] - 1) * entry["stride"] + words
        at_most(last, chip.synapse_lines, f"{where}: synapse lines")


def _host_array(value: dict[str, Any], where: str) -> Any:
    if "value" not in value:
        fail(f"{where}.value", "is missing")
    try:
        array = np.array(value["value"])
    except (ValueError, OverflowError, TypeError):
        array = np.array(None)
    if array.dtype.kind not in "biufU" or (array.dtype.kind == "U" and array.ndim):
        fail(f"{where}.value", "is no nested list of numbers")
    return array
