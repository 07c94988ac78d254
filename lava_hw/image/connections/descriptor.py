"""`DescriptorKind`: how connection descriptors of one kind are checked and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lava_hw.chip import Chip
from lava_hw.image.connections.contents import SynapseMemory
from lava_hw.image.connections.finder import find
from lava_hw.image.connections.words import WordForm
from lava_hw.regs import ConnKind, WeightFormat

Fields = Mapping[str, int]
"""Fields of a descriptor, by the names of the register description."""


BITS = {int(WeightFormat.BITS4): 4, int(WeightFormat.BITS8): 8, int(WeightFormat.BITS16): 16}
"""Bits of a weight in each format."""
FORMATS = frozenset(BITS)
"""All formats of weights."""


def not_meant(fields: Fields, names: Sequence[str]) -> list[str]:
    """Give a sentence for each of these bits that is set, for kinds that do not have it."""
    return [f"{name} is set, which connections of this kind do not have" for name in names if fields[name]]


def beyond(what: str, base: int, lines: int, chip: Chip) -> list[str]:
    """Give a sentence if something that begins in line `base` runs past the synapse memory."""
    if base + lines <= chip.synapse_lines:
        return []
    return [
        f"needs synapse lines {base} to {base + lines - 1} for {what}, and a core of the chip has "
        f"{chip.synapse_lines} (0 to {chip.synapse_lines - 1}); move them to lower lines, or use a chip with "
        "more synapse_lines"
    ]


def form_of(fields: Fields, group_lines: int = 0) -> WordForm:
    """Give the lines of a word of a descriptor with a known format."""
    return WordForm(BITS[fields["format"]], group_lines, bool(fields["delays"]))


def form(fields: Fields) -> str:
    """Say for a person how weights are stored."""
    sign = ("" if fields["is_signed"] else "un") + "signed" + (" negated" if fields["negate"] else "")
    times = " times the value" if fields["payload"] else ""
    delays = ", delays" if fields["delays"] else ""
    return f"{BITS.get(fields['format'], '?')} bits {sign}{times}{delays}"


class DescriptorKind(ABC):
    """What the descriptors of one kind mean. The class keyword `kind` is the number in field ``kind``.

    .. code-block:: python

        class OneToOne(DescriptorKind, kind=ConnKind.SPARSE):
            ...
    """

    known: ClassVar[dict[int, DescriptorKind]] = {}
    formats: ClassVar[frozenset[int]] = frozenset({int(WeightFormat.BITS8)})
    """Formats of weights that it has."""

    def __init_subclass__(cls, kind: int, **others: Any) -> None:
        """Make the kind known by its number.

        Raises
        ------
        TypeError
            If there is another kind of this number.
        """
        super().__init_subclass__(**others)
        there = DescriptorKind.known.get(kind)
        if there is not None:
            raise TypeError(f"connections of kind {int(kind)} are there already: {type(there).__qualname__}")
        DescriptorKind.known[kind] = cls()

    @abstractmethod
    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """Give a sentence per thing in a descriptor that the chip would trip over.

        Accumulators and slot, which all kinds have, are looked at elsewhere.
        """

    def content_problems(self, fields: Fields, chip: Chip, memory: SynapseMemory) -> list[str]:
        """Give a sentence per thing in what the memory holds for a descriptor without `problems`."""
        return []

    @abstractmethod
    def describe(self, fields: Fields) -> str:
        """Give what a person sees behind the fields that all kinds have: nothing, or ``, ...``."""


def descriptor_kind(kind: int) -> DescriptorKind | None:
    """Give the kind of this number, if there is one here or in a module that was imported."""
    if kind not in DescriptorKind.known and kind in {int(known) for known in ConnKind}:
        find(ConnKind(kind).name.lower())
    return DescriptorKind.known.get(kind)
