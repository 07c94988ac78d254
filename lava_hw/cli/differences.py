"""In what two images differ: by process, variable and element, where the words belong to a variable."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lava_hw.device import Device, DeviceError
from lava_hw.image import Image, diff
from lava_hw.sparse_values import different

_ELEMENTS = 5
"""Elements shown of a variable."""


def differences(one: Image, two: Image, words: bool = False) -> list[str]:
    """Give a line per difference; empty exactly if the images are equal.

    Parameters
    ----------
    one, two : Image
    words : bool, default False
        Also list the raw words and entries of the manifest that belong to variables.
    """
    raw = diff(one, two)
    if not raw:
        return []
    lines = []
    first, second = one.manifest.processes, two.manifest.processes
    lines += [f"process {name}: only in the first image" for name in sorted(first.keys() - second.keys())]
    lines += [f"process {name}: only in the second image" for name in sorted(second.keys() - first.keys())]
    try:
        values = [_values(image) for image in (one, two)]
    except DeviceError as error:
        return [*lines, f"the variables cannot be read, so words follow: {error}", *raw]
    for name in sorted(values[0].keys() & values[1].keys()):
        lines += _compare(name, values[0][name], values[1][name])
    if words or not lines:
        return lines + raw
    return lines + diff(one, two, variables=False, but=first.keys() ^ second.keys())


def _values(image: Image) -> dict[str, NDArray[Any]]:
    with Device.open("golden", image.chip) as device:
        session = device.load(image)
        return session.read_vars(sorted(session.variables))


def _compare(name: str, one: Any, two: Any) -> list[str]:
    if hasattr(one, "tocsr") != hasattr(two, "tocsr"):
        return [f"{name}: a sparse matrix in one of the images only"]
    if one.shape != two.shape:
        return [f"{name}: shape {one.shape} and {two.shape}"]
    places = different(one, two)
    shown = [
        f"{name}[{', '.join(map(str, place))}]: {one[tuple(place)]} and {two[tuple(place)]}"
        for place in places[:_ELEMENTS]
    ]
    if len(places) > _ELEMENTS:
        shown.append(f"{name}: {len(places) - _ELEMENTS} more of {one.size} elements")
    return shown
