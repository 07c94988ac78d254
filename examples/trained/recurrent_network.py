"""The recurrent network as processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from digits.training import votes

from lava_hw import LIF, Dense, Sink, Source
from lava_hw.utils.lif_network import FixedPopulation
from trained.references import Built

Array = np.ndarray


@dataclass(frozen=True)
class RecurrentNet:
    """Lines of spikes, hidden neurons that hear them and each other, and output neurons that vote.

    The network is reset before each series; two steps follow it, until the last spike has arrived.

    Attributes
    ----------
    layers : sequence of FixedPopulation
        "hidden", with inputs "lines" and "hidden", and "output".
    per_class : int
        Output neurons per class.
    """

    layers: Sequence[FixedPopulation]
    per_class: int
    latency = 2

    def build(self, samples: Array) -> Built:
        """The processes, for series of spikes of shape (samples, lines, steps)."""
        hidden, output = self.layers
        steps = samples.shape[2] + self.latency
        source = Source(data=np.zeros((samples.shape[1], steps), np.int64), name="lines")
        to_hidden = Dense(**hidden.dense_arguments("lines"), name="to_hidden")
        among = Dense(**hidden.dense_arguments("hidden"), name="among_hidden")
        inner = LIF(**hidden.lif_arguments(), name="hidden")
        to_output = Dense(**output.dense_arguments("hidden"), name="to_output")
        outer = LIF(**output.lif_arguments(), name="output")
        sink = Sink(shape=outer.s_out.shape, buffer=steps, name="answers")
        source.s_out.connect(to_hidden.s_in)
        inner.s_out.connect([among.s_in, to_output.s_in])
        for dense in (to_hidden, among):
            dense.a_out.connect(inner.a_in)
        to_output.a_out.connect(outer.a_in)
        outer.s_out.connect(sink.a_in)
        return Built(source, (to_hidden, among, inner, to_output, outer), sink)

    def present(self, built: Built, samples: Array, runtime: Any) -> Iterator[int]:
        """Each series in a run of its own; see `trained.references.Net`."""
        for k, series in enumerate(samples):
            if k:
                runtime.reset()
            built.source.data.set(np.pad(series, ((0, 0), (0, self.latency))))
            yield series.shape[1] + self.latency

    def answers(self, outputs: Array) -> Array:
        """The class with most spikes, of outputs of shape (steps, samples, neurons)."""
        return votes(outputs, self.per_class).argmax(axis=1)
