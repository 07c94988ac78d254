"""Weights and delays that layouts of an image set, read back by plain loops over the words of chip.md."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pytest
from image_samples import sample

from lava_hw.chip import Chip
from lava_hw.device.stores.weights import WeightStore
from lava_hw.image import ImageError, Manifest, synapse_address
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.connections.layout import WeightLayout
from lava_hw.image.connections.rows import RowsLayout
from lava_hw.image.connections.words import DELAYS, WordForm
from lava_hw.image.entries.elements import Elements
from lava_hw.image.manifest import VarEntry, WeightsEntry, WeightsPiece
from lava_hw.regs import CONNECTION_ENTRY, ConnKind, WeightFormat
from tests.golden.plain_synapses import PlainSynapses, Word

LINES = 200
FORMATS = {4: WeightFormat.BITS4, 8: WeightFormat.BITS8, 16: WeightFormat.BITS16}
FORMS = [(bits, lines, delays) for bits in FORMATS for lines in (0, 1, 2) for delays in (False, True)]


@dataclass
class Memory:
    """A core's memory that layouts write, and the words that a connection finds there."""

    chip: Chip
    bits: int
    group_lines: int
    delays: bool
    content: bytearray

    def words(self, line: int, count: int, signed: bool) -> list[Word]:
        fields = {name: 0 for word in CONNECTION_ENTRY for name in word.fields} | {
            "kind": ConnKind.SPARSE if self.group_lines else ConnKind.DENSE,
            "wide": int(self.group_lines == 2),
            "format": FORMATS[self.bits],
            "delays": int(self.delays),
            "is_signed": int(signed),
        }
        return PlainSynapses(self.chip.lanes, 2, self.content)._row(fields, line, count)

    def put(self, layout: WeightLayout, values: np.ndarray, bits: int, signed: bool) -> WeightStore:
        """Write all values of a Var as a device does; words that keep something are read first."""
        piece = WeightsPiece(2, (1,), signed, False, 0, layout, bits)
        entry = WeightsEntry(1, True, 8, 0, (piece,), converts=False)
        store = WeightStore(entry, values.shape, self.chip, str)
        at = store.locate(3)
        assert set(at.core) == {2}
        view = np.frombuffer(self.content, "<u4")
        index = at.addr - synapse_address()
        view = view.copy()
        view[index] = store.encode(values.reshape(-1), "x", 3, view[index].astype(np.uint32))
        self.content[:] = view.tobytes()
        assert store.decode(view[index].astype(np.uint32)).tolist() == seen_of(layout, values)
        return store


def seen_of(layout: WeightLayout, values: np.ndarray) -> list[int]:
    """Values of the elements that a layout has, 0 for others."""
    if isinstance(layout, RowsLayout):
        used = set(layout.elements_of.array.tolist())
    else:
        assert isinstance(layout, DenseLayout)
        columns, rows = layout.sources.array.tolist(), layout.targets.array.tolist()
        used = {t * values.shape[1] + s for t in rows for s in columns if t >= 0 and s >= 0}
    return [int(value) if k in used else 0 for k, value in enumerate(values.reshape(-1))]


def numbers(draw: random.Random, bits: int, count: int) -> tuple[np.ndarray, bool]:
    signed = bool(draw.randrange(2))
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return np.array([draw.choice([low, high, draw.randint(low, high)]) for _ in range(count)]), signed


def memory(chip: Chip, draw: random.Random, bits: int, group_lines: int, delays: bool) -> Memory:
    return Memory(chip, bits, group_lines, delays, bytearray(draw.randbytes(LINES * chip.lanes)))


CHIPS = {8: "small", 32: "test32"}


@pytest.mark.parametrize("lanes", CHIPS)
@pytest.mark.parametrize(("bits", "group_lines", "delays"), FORMS)
def test_rows(lanes: int, bits: int, group_lines: int, delays: bool) -> None:
    """Rows one behind the other; elements in no order, some in several places, some in none."""
    chip, draw = Chip.load(CHIPS[lanes]), random.Random(bits * 10 + group_lines + 5 * delays)
    for words in (1, 2, 3) if group_lines == 0 or bits != 4 else (2, 4):
        rows, size = draw.randint(1, 4), 37
        order = [draw.randrange(-1, size - 2) for _ in range(rows * words * lanes)]
        there = memory(chip, draw, bits, group_lines, delays)
        before = bytes(there.content)
        form = WordForm(bits, group_lines, delays)
        weights, signed = numbers(draw, bits, size)
        late, _ = numbers(draw, 8, size)
        late = late % 256
        common = {"bits": bits, "group_lines": group_lines, "delays": delays}
        there.put(RowsLayout(7, words, Elements.of(np.array(order)), **common), weights, bits, signed)
        if delays:
            layout = RowsLayout(7, words, Elements.of(np.array(order)), **common, part=DELAYS)
            there.put(layout, late, 8, False)
        for row in range(rows):
            found = there.words(7 + row * form.lines_of(words), words, signed)
            places = order[row * words * lanes : (row + 1) * words * lanes]
            assert [n for word in found for n in word.numbers] == [
                weights[e] if e >= 0 else 0 for e in places
            ]
            if delays:
                assert [n for word in found for n in word.delays] == [
                    late[e] if e >= 0 else 0 for e in places
                ]
        end = 7 + rows * form.lines_of(words)
        kept = there.content[: 7 * lanes] + there.content[end * lanes :]
        assert kept == before[: 7 * lanes] + before[end * lanes :]
        groups = Memory(chip, bits, group_lines, delays, bytearray(before)).words(7, words, False)
        assert [w.groups for w in there.words(7, words, False)] == [w.groups for w in groups]


@pytest.mark.parametrize("lanes", CHIPS)
@pytest.mark.parametrize("delays", [False, True])
@pytest.mark.parametrize("bits", FORMATS)
def test_dense(lanes: int, bits: int, delays: bool) -> None:
    """Source rows with a stride, targets in another order, columns and rows of nobody."""
    chip, draw = Chip.load(CHIPS[lanes]), random.Random(bits + delays)
    for count in (1, lanes, 2 * lanes + 3):
        groups = -(-count // lanes)
        stride = WordForm(bits, 0, delays).lines_of(groups) + draw.randrange(3)
        targets = [*draw.sample(range(count + 4), count)]
        targets[draw.randrange(count)] = -1
        sources = [2, -1, 0, 4]
        shape = (count + 4, 5)
        there = memory(chip, draw, bits, 0, delays)
        before = bytes(there.content)
        weights, signed = numbers(draw, bits, shape[0] * shape[1])
        late, _ = numbers(draw, 8, shape[0] * shape[1])
        late = late % 256
        places = (9, stride, Elements.of(np.array(sources)), Elements.of(np.array(targets)), bits, delays)
        there.put(DenseLayout(*places), weights.reshape(shape), bits, signed)
        if delays:
            there.put(DenseLayout(*places, DELAYS), late.reshape(shape), 8, False)
        old = Memory(chip, bits, 0, delays, bytearray(before))
        for row, source in enumerate(sources):
            line = 9 + row * stride
            found, was = there.words(line, groups, signed), old.words(line, groups, signed)
            stored = [n for word in found for n in word.numbers]
            want = [weights[t * 5 + source] if t >= 0 and source >= 0 else 0 for t in targets]
            assert stored[:count] == want
            # What follows the last target belongs to somebody else, but for the rest of its 32 bits.
            kept = -(-count // 4) * 4 if bits == 8 and not delays else count
            assert stored[kept:] == [n for word in was for n in word.numbers][kept:]
            if delays:
                got = [n for word in found for n in word.delays]
                assert got[:count] == [late[t * 5 + source] if t >= 0 and source >= 0 else 0 for t in targets]
                assert got[count:] == [n for word in was for n in word.delays][count:]


def with_layout(layout: WeightLayout, shape: tuple[int, ...]) -> Manifest:
    piece = WeightsPiece(core=1, conns=(), signed=False, negate=False, shift=0, layout=layout)
    store = WeightsEntry(1, True, 8, 0, (piece,), converts=False)
    manifest = sample().manifest
    return Manifest(**{**manifest.__dict__, "vars": {"x.delays": VarEntry(shape, "int32", store, 0, 62)}})


def test_they_come_back_from_a_file_and_are_shown() -> None:
    for layout in (
        RowsLayout(3, 2, Elements(32), 4, 2, True, DELAYS),
        RowsLayout(3, 1, Elements(32), 16),
        DenseLayout(3, 2, Elements(4), Elements(8), 8, True, DELAYS),
    ):
        manifest = with_layout(layout, (8, 4))
        again = Manifest.from_bytes(manifest.to_bytes())
        assert again == manifest
        store = again.vars["x.delays"].store
        assert isinstance(store, WeightsEntry)
        assert store.places() == "weights core 1 line 3" + (", delays" if layout.part == DELAYS else "")


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (RowsLayout(3, 1, Elements(32), part=DELAYS), "part: is delays, and its words have none"),
        (
            DenseLayout(3, 1, Elements(4), Elements(8), part=DELAYS),
            "part: is delays, and its words have none",
        ),
        (RowsLayout(3, 3, Elements(32)), "elements_of: has 32 numbers, no multiple of 24"),
        (RowsLayout(2045, 1, Elements(32)), ": synapse lines"),
        (RowsLayout(2041, 1, Elements(32), delays=True), ": synapse lines"),
        (DenseLayout(2040, 2, Elements(4), Elements(8), 16, True), ": synapse lines"),
        (RowsLayout(0, 1, Elements(40)), "elements_of: elements 0 to 39 of 32"),
    ],
)
def test_what_does_not_fit_is_refused(layout: WeightLayout, message: str) -> None:
    with pytest.raises(ImageError, match=rf"vars\.x\.delays\.store\.pieces\[0\]\.layout.*{message}"):
        with_layout(layout, (8, 4))


def test_words_that_stand_alone() -> None:
    """Of words of 4 bits the last one of an odd number has only its own lines."""
    assert WordForm(4, 2, True).lines_of(3) == (2 * 2 + 1 + 2) + (2 + 1 + 1)
    assert WordForm(4, 2, True).lines_with(DELAYS, 3).tolist() == [5, 6, 10]
    assert WordForm(4, 1).lines_of(1) == 2
