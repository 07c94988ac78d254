"""Formats of sparse messages: four bytes in a word, and distances instead of indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["pack_bytes", "pack_dense", "pack_distances", "sparse", "unpack_distances"]

Array = npt.NDArray[Any]
Pair = tuple[Array, Array]

_ESCAPE = 0xFF


def sparse(values: Array) -> Pair:
    """Values that are not zero, and their flat indices; one zero at index 0 if there are none."""
    flat = values.ravel()
    index = np.flatnonzero(flat)
    if not len(index):
        return np.zeros(1, flat.dtype), np.zeros(1, np.int64)
    return flat[index], index


def pack_bytes(values: Array) -> npt.NDArray[np.int32]:
    """The low byte of each value, four in a word, the first one lowest; padded with zeros."""
    packed = np.zeros(-(-len(values) // 4) * 4, np.uint8)
    packed[: len(values)] = np.bitwise_and(values, 0xFF)
    return packed.view("<u4").astype(np.uint32).view(np.int32)


def pack_dense(values: Array) -> Pair:
    """All values as bytes, eight in a pair of words: the first four in `data`, the others in `index`."""
    words = pack_bytes(np.concatenate((values.ravel(), np.zeros(-values.size % 8, values.dtype))))
    return words[0::2], words[1::2]


def pack_distances(values: Array) -> Pair:
    """Values that are not zero as bytes, and the distances of their indices as bytes, four in a word.

    The byte of an index is the number of zeros that were skipped since the last value; for the first value,
    its index. 255 is no distance: it says that 255 times the byte of `data` are skipped.
    """
    data, index = sparse(values)
    if index[0] >= _ESCAPE:
        # Only what follows another value can be preceded by a skip.
        data, index = np.concatenate(([0], data)), np.concatenate(([0], index))
    distance = np.diff(index, prepend=-1) - 1
    skips = distance // _ESCAPE
    # One skip for each 255 * 255, and one for the rest.
    before = np.where(skips > 0, skips // _ESCAPE + 1, 0)
    last = np.cumsum(before + 1) - 1
    places, bytes_ = np.full(last[-1] + 1, _ESCAPE), np.full(last[-1] + 1, _ESCAPE)
    rest = before > 0
    bytes_[last[rest] - 1] = skips[rest] % _ESCAPE
    places[last] = distance % _ESCAPE
    bytes_[last] = data
    return pack_bytes(bytes_), pack_bytes(places)


def unpack_distances(data: Array, index: Array) -> Pair:
    """Bytes (0 to 255) and flat indices of what `pack_distances` has packed; zeros are left out."""
    values: list[int] = []
    places: list[int] = []
    place = -1
    bytes_ = np.asarray(data, np.int32).view(np.uint8) if len(data) else np.zeros(0, np.uint8)
    distances = np.asarray(index, np.int32).view(np.uint8) if len(index) else np.zeros(0, np.uint8)
    for byte, distance in zip(bytes_.tolist(), distances.tolist(), strict=True):
        if distance == _ESCAPE:
            place += _ESCAPE * byte
            continue
        place += distance + 1
        if byte:
            values.append(byte)
            places.append(place)
    return np.array(values, np.int64), np.array(places, np.int64)
