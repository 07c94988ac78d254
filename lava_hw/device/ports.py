"""`parse_ports`: the ports of a manifest."""

from __future__ import annotations

import numpy as np

from lava_hw.device.codec import InputPort, Target
from lava_hw.device.outputs import OutputPort, OutputStream
from lava_hw.image import Manifest


def parse_ports(manifest: Manifest) -> tuple[dict[str, InputPort], dict[str, OutputPort]]:
    """Give the input and output ports of a manifest by name."""
    inputs = {
        name: InputPort(
            name,
            entry.shape,
            entry.kind,
            entry.stage,
            entry.mode,
            tuple(Target(t.core, t.conn, t.index_base, t.elements.array) for t in entry.targets),
        )
        for name, entry in manifest.inputs.items()
    }
    outputs = {
        name: OutputPort(
            name,
            entry.shape,
            np.dtype(entry.dtype),
            entry.stage,
            entry.mode,
            tuple(OutputStream(s.stream, s.elements.array) for s in entry.streams),
        )
        for name, entry in manifest.outputs.items()
    }
    return inputs, outputs
