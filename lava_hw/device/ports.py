"""`parse_ports`: the ports of a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lava_hw.device.codec import InputPort, Rows, Target
from lava_hw.device.errors import DeviceError
from lava_hw.device.outputs import OutputPort, OutputStream


def elements_of(entry: Mapping[str, Any], size: int, where: str, order: str = "order") -> Rows:
    """Give the elements that `first`, `count` and `order` of a manifest's entry name; -1 is none.

    Raises
    ------
    DeviceError
        If one of them lies outside -1 to `size` - 1, or the order has another length than `count`.
    """
    count = int(entry["count"])
    if entry.get(order) is None:
        first = int(entry.get("first", 0))
        elements = np.arange(first, first + count, dtype=np.int64)
    else:
        elements = np.asarray(entry[order], np.int64).reshape(-1)
    if len(elements) != count or (count and (elements.min() < -1 or elements.max() >= size)):
        raise DeviceError(
            f"{where}: the image names elements outside 0 to {size - 1}, or not {count} of them"
        )
    return elements


def parse_ports(manifest: Mapping[str, Any]) -> tuple[dict[str, InputPort], dict[str, OutputPort]]:
    """Give the input and output ports of a manifest by name.

    Raises
    ------
    DeviceError
        If the manifest contradicts itself: a stage that is not closed or ended, elements out of range.
    """
    closes, ends = (list(map(int, manifest["stages"][key])) for key in ("needs_close", "needs_end"))
    inputs, outputs = {}, {}
    for name, entry in manifest["inputs"].items():
        shape = tuple(map(int, entry["shape"]))
        size = int(np.prod(shape, dtype=np.int64))
        stage = None if entry["kind"] == "connection" else int(entry["stage"])
        if entry["kind"] not in ("connection", "port") or entry["mode"] not in ("mask", "graded"):
            raise DeviceError(
                f"{name}: the image has an input of unknown kind or mode; it is too new or damaged"
            )
        if (0 if stage is None else stage) not in closes or 0 not in closes:
            raise DeviceError(f"{name}: the image has an input for stage {stage}, which no CLOSE closes")
        targets = tuple(
            Target(int(t["core"]), int(t["conn"]), int(t.get("index_base", 0)), elements_of(t, size, name))
            for t in entry["targets"]
        )
        inputs[name] = InputPort(name, shape, entry["kind"], stage, entry["mode"], targets)
    for name, entry in manifest["outputs"].items():
        shape = tuple(map(int, entry["shape"]))
        size = int(np.prod(shape, dtype=np.int64))
        if int(entry["stage"]) not in ends:
            raise DeviceError(f"{name}: the image has an output of stage {entry['stage']}, which no END ends")
        streams = tuple(OutputStream(int(s["stream"]), elements_of(s, size, name)) for s in entry["streams"])
        outputs[name] = OutputPort(
            name, shape, np.dtype(entry["dtype"]), int(entry["stage"]), entry["mode"], streams
        )
    return inputs, outputs
