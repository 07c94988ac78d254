"""The pass level: shorter rows, on every machine the same, and nobody sees the other order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Conv, Dense, GradedVec, Sparse
from lava_hw.chip import Chip
from lava_hw.compiler import compile_flat
from lava_hw.compiler.level import level
from lava_hw.compiler.types import Legal
from lava_hw.image import Image
from lava_hw.image.manifest import StateEntry
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from tests.compiler.equality import hold_equal
from tests.compiler.processes import chain, dense, flat, legal, lif
from tests.compiler.sparse import delay_sparse, matrix, sparse
from tests.compiler.test_connection_formats import values

SPLIT = replace(Chip.load("test8"), name="split", mesh_x=4, mesh_y=4, neurons=64)


def whole(found: Legal) -> dict[str, Any]:
    return {name: ((0, cell.size),) for name, cell in found.neurons.items()}


def words(image: Image, lanes: int, connection: str) -> int:
    """Words of a Sparse with 8 bits."""
    (piece,) = image.manifest.vars[f"{connection}.weights"].store.pieces
    return int(piece.layout.elements_of.count // lanes)


@pytest.mark.parametrize(("lanes", "most"), [(8, 1.5), (16, 1.9), (32, 2.5)])
def test_rows_become_shorter(lanes: int, most: float) -> None:
    """At 1,024 by 1,024 and 4 %, rows have about as many synapses as at 4,096 and 1 %."""
    weights = matrix(1024, 1024, density=0.04)
    a = LIF(shape=(1024,))
    layer = Sparse(weights=weights, name="layer")
    chain(a, layer, a)
    chip = replace(Chip.load("test32"), lanes=lanes, word=8 * lanes, state_lines=1024, acc_groups=256,
                   synapse_lines=65536)  # fmt: skip
    image = compile_flat(flat(a), chip)
    target = np.arange(1024).repeat(np.diff(weights.indptr))
    count = np.zeros((1024, lanes), int)
    np.add.at(count, (weights.indices, target % lanes), 1)
    natural = count.max(axis=1).sum()
    assert words(image, lanes, "layer") < 0.9 * natural
    assert words(image, lanes, "layer") < most * weights.nnz / lanes


def test_the_order_is_a_function_of_the_network() -> None:
    def order(seed: int) -> list[int]:
        a = LIF(shape=(300,), name="cells")
        chain(a, Sparse(weights=matrix(300, 300, seed)), a)
        found = legal(a)
        places = level(found, 8, whole(found)).places["cells"]
        assert sorted(places.tolist()) == list(range(300))
        return list(places)

    assert order(1) == order(1) != order(2)


def test_shards_keep_their_neurons() -> None:
    a = LIF(shape=(300,), name="cells")
    chain(a, Sparse(weights=matrix(300, 300)), a)
    found = legal(a)
    cuts = ((0, 128), (128, 128), (256, 44))
    places = level(found, 8, {"cells": cuts}).places["cells"]
    for first, count in cuts:
        mine = places[first : first + count]
        assert sorted(mine) == list(range(first, first + count))
        assert not np.array_equal(mine, np.arange(first, first + count))


def permuted(image: Image) -> bool:
    return any(
        piece.elements.order is not None
        for entry in image.manifest.vars.values()
        if isinstance(entry.store, StateEntry)
        for piece in entry.store.pieces
    )


@pytest.mark.parametrize("chip", ["test8", "test32", SPLIT])
def test_nobody_sees_the_order(chip: Any) -> None:
    """Parameters and Vars of each neuron; messages from outside and to it; sums that others read, too; what
    the neurons drive, in views; graded messages.
    """
    rng = np.random.default_rng(5)
    a = lif((10, 12), 1, name="cells")
    source = Source(data=rng.integers(-40, 40, (10, 12, 10)))
    source.s_out.connect(a.a_in)
    into = sparse(120, 120, 1, name="into")
    a.s_out.flatten().connect(into.s_in)
    into.a_out.reshape((12, 10)).transpose((1, 0)).connect(a.a_in)
    sums, spikes = Sink(shape=(120,), buffer=10), Sink(shape=(10, 12), buffer=10)
    into.a_out.connect(sums.a_in)
    a.s_out.connect(spikes.a_in)
    on, graded = dense(40, 120, 3), GradedVec(shape=(40,), vth=2)
    a.s_out.transpose((1, 0)).flatten().connect(on.s_in)
    on.a_out.connect(graded.a_in)
    late = delay_sparse(40, 33, 4, num_message_bits=24, weight_exp=-1, most=1)
    chain(values(33), late)
    late.a_out.connect(graded.a_in)
    back = sparse(120, 40, 6, num_message_bits=24)
    graded.s_out.connect(back.s_in)
    back.a_out.reshape((10, 12)).connect(a.a_in)
    out = Sink(shape=(40,), buffer=10)
    graded.s_out.connect(out.a_in)

    def sets(step: int) -> dict[str, Any]:
        if step == 2:
            return {"cells.v": rng.integers(-999, 999, (10, 12)), "into.a_buff": rng.integers(-99, 99, 120)}
        return {"cells.bias_mant": rng.integers(-20, 40, (10, 12))} if step == 4 else {}

    assert permuted(hold_equal([a], chip, sets=sets))


def test_neurons_that_stay_in_their_order() -> None:
    """Where links of latency 0, kernels, one-to-one connections or numbers of neurons need it."""
    linked, other = lif(64, 1, name="linked"), lif(64, 2, name="other")
    chain(linked, other)
    pictures = LIF(shape=(4, 4, 4), name="pictures")
    kernel = Conv(weight=np.ones((2, 3, 3, 4), int), input_shape=(4, 4, 4))
    pictures.s_out.connect(kernel.s_in)
    same, twin = lif(64, 3, name="same"), lif(64, 4, name="twin")
    chain(same, Sparse(weights=2 * np.eye(64, dtype=int)), twin)
    numbered = PrototypeLIF(shape=(64,), name="numbered")
    free = lif(64, 5, name="free")
    for k, cells in enumerate((linked, other, pictures, same, twin, numbered, free)):
        layer = sparse(64, 64, k, density=0.3)
        free.s_out.connect(layer.s_in)
        layer.a_out.reshape(cells.a_in.shape).connect(cells.a_in)
    found = legal(free, linked, pictures, same)
    assert set(level(found, 8, whole(found)).places) == {"free"}


def test_a_network_without_sparse_rows_is_as_it_was() -> None:
    a = lif(100)
    chain(a, Dense(weights=np.ones((100, 100), int)), a)
    found = legal(a)
    assert level(found, 8, whole(found)) is found
