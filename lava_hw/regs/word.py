"""Bit layouts of words, as values: `Field` and `Word`, with range checks and numpy variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Field:
    """A field of a word: bits ``msb`` down to ``lsb``, unsigned."""

    msb: int
    lsb: int

    @property
    def width(self) -> int:
        """Number of bits."""
        return self.msb - self.lsb + 1

    @property
    def mask(self) -> int:
        """Largest value, as a mask that is not shifted."""
        return (1 << self.width) - 1


@dataclass(frozen=True)
class Word:
    """A word of 32 or 64 bits made of named fields; bits without a field are 0."""

    name: str
    bits: int
    fields: Mapping[str, Field]

    def pack(self, **values: int) -> int:
        """Give the word whose fields have ``values``; fields that are not named are 0.

        Raises
        ------
        KeyError
            If there is no field of that name.
        ValueError
            If a value does not fit its field.
        """
        word = 0
        for key, value in values.items():
            field = self._field(key)
            number = int(value)
            if not 0 <= number <= field.mask:
                raise ValueError(f"{self.name}.{key}={number} does not fit {field.width} bits")
            word |= number << field.lsb
        return word

    def unpack(self, word: int) -> dict[str, int]:
        """Give all fields of ``word``."""
        return {key: (int(word) >> f.lsb) & f.mask for key, f in self.fields.items()}

    def get(self, word: int, key: str) -> int:
        """Give one field of ``word``."""
        field = self._field(key)
        return (int(word) >> field.lsb) & field.mask

    def pack_array(self, **values: ArrayLike) -> NDArray[np.uint64]:
        """Give the words of broadcast arrays of field values.

        Raises
        ------
        ValueError
            If a value does not fit its field.
        """
        word = np.zeros((), np.uint64)
        for key, value in values.items():
            field = self._field(key)
            array = np.asarray(value)
            if array.size and (int(array.min()) < 0 or int(array.max()) > field.mask):
                raise ValueError(f"{self.name}.{key}: a value does not fit {field.width} bits")
            word = word | (array.astype(np.uint64) << np.uint64(field.lsb))
        return np.asarray(word, np.uint64)

    def get_array(self, words: NDArray[np.uint64], key: str) -> NDArray[np.int64]:
        """Give one field of an array of words (int64)."""
        field = self._field(key)
        return ((words >> np.uint64(field.lsb)) & np.uint64(field.mask)).astype(np.int64)

    def _field(self, key: str) -> Field:
        try:
            return self.fields[key]
        except KeyError:
            raise KeyError(f"{self.name} has no field {key!r}; it has {', '.join(self.fields)}") from None
