"""JSON in one canonical form, read without trust."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from lava_hw.image.errors import ImageError

_DEPTH = 64  # levels of nesting; numpy allows 64 dimensions at most


def encode_json(content: dict[str, Any]) -> bytes:
    """Give the canonical JSON: sorted keys, no spaces, UTF-8; numpy numbers and arrays become plain ones.

    Raises
    ------
    ImageError
        If it holds something that JSON does not have: objects, not-a-number, references to itself.
    """
    try:
        return json.dumps(
            content,
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


def decode_json(data: bytes) -> dict[str, Any]:
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
    if encode_json(value) != data:
        raise ImageError("manifest: not canonical JSON (sorted keys, no spaces, shortest numbers)")
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
