"""Forms of what has parts: lists, objects with free keys, and the entries of the manifest (`Entry`)."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from lava_hw.chip import Chip
from lava_hw.image.entries.forms import Boolean, Form, Json, OrNone, Text, fail, short
from lava_hw.image.errors import ImageError


class Entry:
    """An object of the manifest; entries are frozen dataclasses that derive from this class.

    Attributes
    ----------
    KIND : str
        For one of several kinds of entries that may stand in the same place: the value of its key ``kind``.
    """

    KIND: ClassVar[str] = ""

    def check(self, where: str, chip: Chip) -> None:
        """Check what several members say together; each of them has been checked.

        Raises
        ------
        ImageError
            If they contradict one another or the chip.
        """


class ListOf(Form):
    """A list; a tuple in Python."""

    def __init__(self, inner: Form) -> None:
        self._inner = inner

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, list):
            fail(where, f"must be a list, and is {short(value)}")
        return tuple(self._inner.read(item, f"{where}[{i}]") for i, item in enumerate(value))

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return [self._inner.write(item) for item in value]

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, tuple):
            fail(where, f"must be a list, and is {short(value)}")
        for i, item in enumerate(value):
            self._inner.check(item, f"{where}[{i}]", chip)


class Pair(ListOf):
    """A list with one item for each member of a NamedTuple."""

    def __init__(self, made: Callable[..., Any], inner: Form, size: int) -> None:
        super().__init__(inner)
        self._made, self._size = made, size

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, list) or len(value) != self._size:
            fail(where, f"must be a list of {self._size}, and is {short(value)}")
        return self._made(*super().read(value, where))


class MapOf(Form):
    """An object whose keys are free: names, or numbers of cores."""

    def __init__(self, inner: Form, numbered: bool = False) -> None:
        self._inner, self._numbered = inner, numbered

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, dict):
            fail(where, f"must be an object, and is {short(value)}")
        return {
            self._key(key, where): self._inner.read(item, f"{where}.{key[:60]}")
            for key, item in value.items()
        }

    def _key(self, key: str, where: str) -> str | int:
        if not self._numbered:
            return key
        if not (key.isascii() and key.isdigit() and str(int(key[:9])) == key):
            fail(f"{where}.{key[:60]}", "is not a core of the chip")
        return int(key)

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return {str(key): self._inner.write(item) for key, item in value.items()}

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, Mapping):
            fail(where, f"must be an object, and is {short(value)}")
        for key, item in value.items():
            if not self._numbered:
                Text().check(key, where, chip)
            elif key not in chip.cores:
                fail(f"{where}.{str(key)[:60]}", "is not a core of the chip")
            self._inner.check(item, f"{where}.{str(key)[:60]}", chip)


class Record(Form):
    """An entry: an object with a key for each member of a dataclass."""

    def __init__(self, entry: type[Entry], given: frozenset[str] = frozenset()) -> None:
        self._entry, self._given = entry, given

    @property
    def entry(self) -> type[Entry]:
        """The dataclass."""
        return self._entry

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, dict):
            fail(where, f"must be an object, and is {short(value)}")
        members = members_of(self._entry)
        prefix = f"{where}." if where else ""
        for key in value.keys() - {key for key, _, _ in members} - self._given:
            fail(f"{prefix}{key[:60]}", "is a key that this lava_hw does not know")
        found = {}
        for key, name, form in members:
            if key not in value:
                fail(f"{prefix}{key}", "is missing")
            found[name] = form.read(value[key], f"{prefix}{key}")
        return self._entry(**found)

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return {key: form.write(getattr(value, name)) for key, name, form in members_of(self._entry)}

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, self._entry):
            fail(where, f"must be a {self._entry.__name__}, and is {short(value)}")
        prefix = f"{where}." if where else ""
        for key, name, form in members_of(self._entry):
            form.check(getattr(value, name), f"{prefix}{key}", chip)
        value.check(where, chip)


class OneKind(Form):
    """One of several kinds of entries, which the key ``kind`` tells apart."""

    def __init__(self, *entries: type[Entry]) -> None:
        self._entries = {entry.KIND: entry for entry in entries}

    def find(self, kind: str) -> type[Entry] | None:
        """Give the kind of entries of this name, if there is one."""
        return self._entries.get(kind)

    def names(self) -> list[str]:
        """Give the names of all kinds."""
        return list(self._entries)

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, dict):
            fail(where, f"must be an object, and is {short(value)}")
        if "kind" not in value:
            fail(f"{where}.kind", "is missing")
        kind = value["kind"]
        entry = self.find(kind) if isinstance(kind, str) else None
        if entry is None:
            fail(f"{where}.kind", f"must be {' or '.join(self.names())}, and is {short(kind)}")
        return Record(entry, frozenset({"kind"})).read(value, where)

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return {"kind": value.KIND, **Record(type(value)).write(value)}

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, Entry) or self.find(value.KIND) is not type(value):
            fail(where, f"must be {' or '.join(self.names())}, and is {short(value)}")
        Record(type(value)).check(value, where, chip)


_MEMBERS: dict[type, tuple[tuple[str, str, Form], ...]] = {}


def members_of(entry: type[Any]) -> tuple[tuple[str, str, Form], ...]:
    """Give key, name and form of each member of an entry."""
    if entry not in _MEMBERS:
        _MEMBERS[entry] = _read_members(entry)
    return _MEMBERS[entry]


def _read_members(entry: type[Any]) -> tuple[tuple[str, str, Form], ...]:
    hints = get_type_hints(entry, include_extras=True)
    return tuple(
        (field.metadata.get("key", field.name), field.name, form_of(hints[field.name]))
        for field in dataclasses.fields(entry)
        if field.metadata.get("key") != ""
    )


def form_of(hint: Any) -> Form:
    """Give the form of a type: of the forms that stand beside it, else of what it is made of."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return next(part for part in parts[1:] if isinstance(part, Form))
    if origin in (Union, types.UnionType):
        others = [part for part in parts if part is not type(None)]
        inner = form_of(others[0]) if len(others) == 1 else OneKind(*others)
        return inner if len(others) == len(parts) else OrNone(inner)
    if origin is tuple:
        return ListOf(form_of(parts[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return MapOf(form_of(parts[1]), numbered=parts[0] is int)
    if isinstance(hint, type) and issubclass(hint, Entry):
        return Record(hint)
    if isinstance(hint, type) and issubclass(hint, tuple):
        kinds = get_type_hints(hint, include_extras=True).values()
        return Pair(hint, form_of(next(iter(kinds))), len(kinds))
    simple = {str: Text, bool: Boolean}.get(hint)
    if simple is None:
        raise ImageError(f"the manifest cannot hold a {hint}; name its form in Annotated")
    return simple()
