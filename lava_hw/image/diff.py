"""What differs between two images, for a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from lava_hw.image.image import Image
from lava_hw.image.segments import Segment
from lava_hw.image.show import region_of

_LINES = 20  # differences shown per core and region, or of the manifest
_OF_VALUES = ("STATE", "ACC", "CONSTANT", "SYNAPSE")
"""Regions of a core that hold values of Vars."""


def diff(a: Image, b: Image, variables: bool = True, but: Collection[str] = ()) -> list[str]:
    """Give a line per difference; with all of them it is empty exactly if the files are equal.

    Parameters
    ----------
    a, b : Image
    variables : bool, default True
        Also what belongs to Vars: words of the memories that hold their values, and their entries.
    but : collection of str
        Names of processes whose entries are left out.
    """
    out = []
    one, two = a.chip.to_dict(), b.chip.to_dict()
    out += [f"chip.{key}: {one[key]} and {two[key]}" for key in one if one[key] != two[key]]
    words_a, words_b = _words(a.segments), _words(b.segments)
    changes: dict[tuple[int, str], list[str]] = {}
    for place in sorted(words_a.keys() | words_b.keys()):
        left, right = words_a.get(place), words_b.get(place)
        if left != right:
            core, address = place
            region, offset = region_of(core, address)
            text = f"core {core} {region} {offset}: {_hex(left)} and {_hex(right)}"
            changes.setdefault((core, region), []).append(text)
    for (core, region), lines in changes.items():
        if variables or region not in _OF_VALUES:
            out += lines[:_LINES]
            if len(lines) > _LINES:
                out.append(f"core {core} {region}: {len(lines) - _LINES} more words")
    left_out = {f"manifest: processes.{name}" for name in but}
    lines = []
    _walk(a.manifest.to_json(), b.manifest.to_json(), "", lines)
    lines = [
        line
        for line in lines
        if (variables or not line.startswith("manifest: vars.")) and line.split(": only")[0] not in left_out
    ]
    out += lines[:_LINES]
    if len(lines) > _LINES:
        out.append(f"manifest: {len(lines) - _LINES} more differences")
    if not out and variables and a != b:
        out.append("the same words in other segments")
    return out


def _words(segments: tuple[Segment, ...]) -> dict[tuple[int, int], int]:
    return {
        (core, first + i): int(word)
        for core, first, data in segments
        for i, word in enumerate(np.asarray(data))
    }


def _hex(word: int | None) -> str:
    return "nothing" if word is None else f"{word:08x}"


def _walk(a: Any, b: Any, where: str, out: list[str]) -> None:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            path = f"{where}.{key}" if where else f"manifest: {key}"
            if key not in a or key not in b:
                out.append(f"{path}: only in the {'second' if key not in a else 'first'}")
            else:
                _walk(a[key], b[key], path, out)
    elif type(a) is not type(b) or a != b:
        out.append(f"{where}: {_short(a)} and {_short(b)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
