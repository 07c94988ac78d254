"""A kind of connection brings the layout of its weights and its descriptors; nothing else is edited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pytest
from image_samples import elements, manifest_json, sample

from lava_hw.chip import Chip
from lava_hw.device import ValueRefused
from lava_hw.device.stores.parse import parse_variables
from lava_hw.image import Image, ImageError, Manifest, Segment, address, synapse_address
from lava_hw.image.connections.descriptor import DescriptorKind, Fields
from lava_hw.image.connections.layout import BYTES, KEPT, Ints, WeightLayout
from lava_hw.image.entries.forms import Integer, at_most
from lava_hw.image.manifest import Elements, VarEntry, WeightsEntry, WeightsPiece
from lava_hw.regs import CONNECTION0, CONNECTION4, CoreRegion

CHIP = Chip.load("small")
NOT_BUILT = 9
"""A kind that the register description does not have."""


@pytest.fixture
def one_row() -> Iterator[type[WeightLayout]]:
    """A layout as a connection from one neuron to one other would have: a byte for each pair."""

    @dataclass(frozen=True)
    class OneRow(WeightLayout, kind="one_row"):
        line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
        pairs: Elements

        def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
            self.pairs.check_size(int(np.prod(shape)), f"{where}.pairs")
            at_most(self.line * chip.lanes + self.pairs.count, chip.synapse_lines * chip.lanes, where)

        def addresses(self, chip: Chip) -> Ints:
            words = -(-self.pairs.count // BYTES)
            return synapse_address(self.line * chip.lanes // BYTES) + np.arange(words)

        def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
            found = np.full(-(-self.pairs.count // BYTES) * BYTES, KEPT)
            found[: self.pairs.count] = self.pairs.array
            return found

        def __str__(self) -> str:
            return f"row of line {self.line}"

    # get_type_hints looks for names of annotations in the module.
    globals()["OneRow"] = OneRow
    yield OneRow
    del WeightLayout.known["one_row"], globals()["OneRow"]


def with_layout(layout: WeightLayout) -> Manifest:
    piece = WeightsPiece(core=1, conns=(4,), signed=False, negate=True, shift=0, layout=layout)
    store = WeightsEntry(sign_mode=3, sign_given=False, num_weight_bits=8, exp=0, pieces=(piece,))
    manifest = sample().manifest
    return replace(manifest, vars={**manifest.vars, "pairs.weights": VarEntry((6,), "int32", store)})


def test_it_is_written_read_and_shown(one_row: type[WeightLayout]) -> None:
    manifest = with_layout(one_row(7, Elements(6)))  # type: ignore[call-arg]
    text = json.loads(manifest.to_bytes())["vars"]["pairs.weights"]["store"]["pieces"][0]["layout"]
    assert text == {"kind": "one_row", "line": 7, "pairs": elements(6)}
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert "pairs.weights: (6,) int32, weights core 1 row of line 7" in Image(CHIP, (), manifest).show()


def test_it_is_held_to_its_own_rules(one_row: type[WeightLayout]) -> None:
    where = r"manifest: vars\.pairs\.weights\.store\.pieces\[0\]\.layout"
    with pytest.raises(ImageError, match=where + r"\.line: must be an integer from 0 to 2047, and is 2048"):
        with_layout(one_row(2048, Elements(6)))  # type: ignore[call-arg]
    with pytest.raises(ImageError, match=where + r"\.pairs: elements 2 to 7 of 6"):
        with_layout(one_row(7, Elements(6, 2)))  # type: ignore[call-arg]


def test_a_device_finds_the_weights(one_row: type[WeightLayout]) -> None:
    order = Elements(6, order=(5, 4, 3, 2, 1, 0))
    store = parse_variables(with_layout(one_row(7, order)))["pairs.weights"].store  # type: ignore[call-arg]
    places = store.locate(0)
    assert (places.core.tolist(), places.addr.tolist()) == (
        [1, 1],
        [synapse_address(14), synapse_address(15)],
    )
    assert store.needs_old()
    words = store.encode(np.arange(0, -60, -10), "pairs.weights", 1, np.full(2, 0xAABBCCDD, np.uint32))
    assert words.astype("<u4").view(np.uint8).tolist() == [50, 40, 30, 20, 10, 0, 0xBB, 0xAA]
    assert store.decode(words).tolist() == [0, -10, -20, -30, -40, -50]
    with pytest.raises(ValueRefused, match=r"pairs\.weights: element \(5,\) is 1; the chip holds weights of"):
        store.encode(np.array([0, 0, 0, 0, 0, 1]), "pairs.weights", 1, np.zeros(2, np.uint32))


def test_one_name_is_one_layout(one_row: type[WeightLayout]) -> None:
    with pytest.raises(TypeError, match=r"the layout 'one_row' is there already: .*OneRow"):
        type("Other", (WeightLayout,), {}, kind="one_row")


@pytest.mark.parametrize(
    "kind", ["nothing", "layout", "os", "../dense", "dense.dense", "", 3, None, ["dense"]]
)
def test_a_file_makes_nobody_import_what_is_no_layout(kind: object) -> None:
    content = manifest_json(CHIP)
    content["vars"]["dense.weights"]["store"]["pieces"][0]["layout"]["kind"] = kind
    with pytest.raises(ImageError, match=r"layout\.kind: must be dense or (rows or )?a layout whose"):
        Manifest.from_json(content)


@pytest.fixture
def sparse() -> Iterator[None]:
    class SparseDescriptor(DescriptorKind, kind=NOT_BUILT):
        def problems(self, fields: Fields, chip: Chip) -> list[str]:
            return ["has no sources"] if not fields["sources"] else []

        def describe(self, fields: Fields) -> str:
            return f", {fields['sources']} pairs"

    yield
    del DescriptorKind.known[NOT_BUILT]


def with_descriptor(sources: int) -> Image:
    table = np.array(
        [CONNECTION0.pack(kind=NOT_BUILT, slot=1), 0, 0, 0, CONNECTION4.pack(sources=sources), 0],
        np.uint32,
    )
    return Image(CHIP, (Segment(1, address(CoreRegion.CONNECTION), table),), sample().manifest)


def test_descriptors_of_a_kind_are_checked_and_shown_by_it(sparse: None) -> None:
    assert not [line for line in with_descriptor(3).check() if "connection" in line]
    assert "core 1 connection 0: has no sources" in with_descriptor(0).check()
    assert "connection 0: kind 9, slot 1, shift 0, accumulators 0 + 0 groups, 3 pairs" in (
        with_descriptor(3).show()
    )
    with pytest.raises(TypeError, match=r"connections of kind 9 are there already: .*SparseDescriptor"):
        type("Other", (DescriptorKind,), {}, kind=NOT_BUILT)


def test_descriptors_of_another_kind_are_a_problem() -> None:
    assert "core 1 connection 0: kind 9 with format 0 is not one that the chip has" in (
        with_descriptor(3).check()
    )
    assert "connection 0: kind 9, slot 1" in with_descriptor(3).show()
