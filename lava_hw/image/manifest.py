"""The manifest of an image: JSON that may be hostile is read, and held against docs/image.md."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lava_hw.chip import Chip, ChipError
from lava_hw.image.errors import ImageError
from lava_hw.image.shapes import (
    Check,
    at_most,
    boolean,
    fail,
    integer,
    list_of,
    map_of,
    nullable,
    number,
    numbers,
    one_of,
    record,
    shape,
    short,
    text,
)
from lava_hw.regs import LAYOUT_HASH, MAX_STAGES

FORMAT, VERSION = "lava_hw manifest", 1
_DEPTH = 64  # levels of nesting; numpy allows 64 dimensions at most
_ELEMENTS = 1 << 26  # elements of a port: more than 56 cores can name in flits
_INT32 = (-(1 << 31), (1 << 31) - 1)


def encode_manifest(manifest: dict[str, Any]) -> bytes:
    """Give the canonical JSON: sorted keys, no spaces, UTF-8; numpy numbers and arrays become plain ones.

    Raises
    ------
    ImageError
        If it holds something that JSON does not have: objects, not-a-number, references to itself.
    """
    try:
        return json.dumps(
            manifest,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
            default=_plain,
        ).encode()
    except (TypeError, ValueError, RecursionError) as err:
        raise ImageError(f"manifest: cannot be written as JSON: {err}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, (np.integer, np.floating, np.bool_, np.ndarray)):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no JSON value")


def decode_manifest(data: bytes) -> dict[str, Any]:
    """Read JSON of unknown origin.

    Raises
    ------
    ImageError
        If it is not canonical JSON of a mapping: also for repeated keys, more than 64 levels, numbers of more
        than 20 digits or that are not finite. Nothing larger than a few times the text is allocated.
    """
    try:
        value = json.loads(
            data.decode(),
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as err:
        raise ImageError(f"manifest: not UTF-8 at byte {err.start}") from None
    except RecursionError:
        raise ImageError(f"manifest: nested deeper than {_DEPTH} levels") from None
    except ImageError:
        raise
    except ValueError as err:
        raise ImageError(f"manifest: not JSON: {str(err)[:200]}") from None
    _check_depth(value)
    if not isinstance(value, dict):
        raise ImageError(f"manifest: must be an object, and is a {type(value).__name__}")
    if encode_manifest(value) != data:
        raise ImageError("manifest: not canonical JSON (sorted keys, no spaces, shortest numbers)")
    if not isinstance(value.get("chip"), dict):
        raise ImageError("manifest: chip: is missing or not an object")
    return value


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ImageError(f"manifest: a number has {len(digits)} digits; 20 at most")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= 40 else math.inf
    if not math.isfinite(value):
        raise ImageError(f"manifest: {digits[:40]} is no finite number of at most 40 digits")
    return value


def _constant(name: str) -> float:
    raise ImageError(f"manifest: {name} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ImageError(f"manifest: key {twice[:60]!r} is there twice")
    return out


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        level = [
            item
            for node in level
            if isinstance(node, (dict, list))
            for item in (node.values() if isinstance(node, dict) else node)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise ImageError(f"manifest: nested deeper than {_DEPTH} levels")


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
            "vars": map_of(_var(core, chip)),
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


# An order names elements; -1 stands for a place without one.
_orders = nullable(numbers(-1, _ELEMENTS))


def _version(value: Any, where: str) -> None:
    if type(value) is int and value > VERSION:
        fail(where, f"{value} is too new, this lava_hw reads up to {VERSION}; install a newer one")
    one_of(VERSION)(value, where)


def _order(entry: dict[str, Any], size: int, where: str, order: str = "order", first: str = "first") -> None:
    """Check that first/order of `entry` name elements 0 to size - 1."""
    count, given = entry["count"], entry.get(order)
    if given is None:
        if entry.get(first, 0) + count > size:
            fail(where, f"elements {entry.get(first, 0)} to {entry.get(first, 0) + count - 1} of {size}")
        return
    if len(given) != count:
        fail(f"{where}.{order}", f"has {len(given)} elements for a count of {count}")
    if given and max(given) >= size:
        fail(f"{where}.{order}", f"element {max(given)} of {size}")


def _input(core: Check, stage: Check, chip: Chip) -> Check:
    target = record(
        {"core": core, "conn": integer(0, chip.connections - 1), "count": integer(0, _ELEMENTS)},
        {
            "index_base": integer(0, 4095),
            "order": _orders,
            "first": integer(0, _ELEMENTS),
        },
    )
    whole = record(
        {
            "shape": shape(_ELEMENTS),
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
            _order(entry, math.prod(value["shape"]), f"{where}.targets[{i}]")

    return check


def _output(stage: Check) -> Check:
    stream = record(
        {"stream": integer(0, 255), "count": integer(0, _ELEMENTS)},
        {"first": integer(0, _ELEMENTS), "order": nullable(numbers(0, _ELEMENTS))},
    )
    whole = record(
        {
            "shape": shape(_ELEMENTS),
            "dtype": _dtype,
            "stage": stage,
            "mode": one_of("mask", "graded"),
            "streams": list_of(stream),
        }
    )

    def check(value: Any, where: str) -> None:
        whole(value, where)
        for i, entry in enumerate(value["streams"]):
            _order(entry, math.prod(value["shape"]), f"{where}.streams[{i}]")

    return check


_DTYPES = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)} | {
    "bool",
    "float16",
    "float32",
    "float64",
}


def _dtype(value: Any, where: str) -> None:
    if not isinstance(value, str) or value not in _DTYPES:
        fail(where, f"must be one of {', '.join(sorted(_DTYPES))}, and is {short(value)}")


def _var(core: Check, chip: Chip) -> Check:
    most = len(chip.cores) * chip.synapse_lines * chip.word // 8 + _ELEMENTS
    whole = record({"shape": shape(most), "dtype": _dtype, "store": _kind})

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
                    {"first": count, "order": _orders},
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
                record({"core": core, "base": group, "count": count}, {"first": count, "order": _orders})
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
            "row_order": _orders,
            "col_order": _orders,
        },
    )
    weights = record(
        {
            "rows": integer(0, _ELEMENTS),
            "cols": integer(0, _ELEMENTS),
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
                _order(entry, size, f"{where}.pieces[{i}]")
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
    _order(rows, whole["rows"], f"{where}.row_order")
    _order(entry, whole["cols"], where, order="col_order")
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
