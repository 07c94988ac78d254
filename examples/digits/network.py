"""The network of processes: encoder, then Dense and LIF per layer, then the readout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from digits.data import CLASSES
from digits.processes import PixelEncoder, VoteReadout
from digits.training import Setting
from lava_hw import LIF, Dense, Sink
from lava_hw.utils.lif_network import FixedPopulation


@dataclass(frozen=True)
class DigitsNetwork:
    """The processes; `state` names the Vars that a step can change, `constants` all others of the layers.

    `records` holds, where it was asked for, a sink on the spikes of the encoder and of every layer, by its
    name.
    """

    encoder: PixelEncoder
    denses: tuple[Dense, ...]
    layers: tuple[LIF, ...]
    readout: VoteReadout
    records: dict[str, Sink]

    @property
    def state(self) -> dict[str, Any]:
        """Vars whose values are the state of the network, by `process.name`."""
        changing = [(d, "a_buff") for d in self.denses]
        changing += [(layer, name) for layer in self.layers for name in ("u", "v")]
        return {f"{p.name}.{name}": getattr(p, name) for p, name in changing}

    @property
    def constants(self) -> dict[str, Any]:
        """All other Vars of the connections and the layers, by `process.name`."""
        found = {f"{p.name}.{var.name}": var for p in (*self.denses, *self.layers) for var in p.vars}
        return {name: var for name, var in found.items() if name not in self.state}


def build_network(layers: Sequence[FixedPopulation], setting: Setting, record: bool = False) -> DigitsNetwork:
    """Make the processes of a converted network and connect them, with sinks for all spikes if `record`."""
    encoder = PixelEncoder(setting.shown, name="pixels")
    readout = VoteReadout(setting.steps, CLASSES, setting.votes, name="readout")
    denses, lifs, source = [], [], encoder
    for layer in layers:
        (arriving_from,) = layer.inputs
        dense = Dense(**layer.dense_arguments(arriving_from), name=f"to_{layer.name}")
        lif = LIF(**layer.lif_arguments(), name=layer.name)
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        denses.append(dense)
        lifs.append(lif)
        source = lif
    source.s_out.connect(readout.s_in)
    records = {}
    if record:
        for process in (encoder, *lifs):
            sink = Sink(shape=process.s_out.shape, buffer=setting.steps, name=f"record_{process.name}")
            process.s_out.connect(sink.a_in)
            records[process.name] = sink
    return DigitsNetwork(encoder, tuple(denses), tuple(lifs), readout, records)
