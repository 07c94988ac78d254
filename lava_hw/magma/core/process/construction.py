"""What happens when a process is made: it gets a number, and its metaclass completes it."""

from __future__ import annotations

from inspect import Signature
from typing import Any

from lava_hw.magma.core.process.arguments import known_arguments, signature_of, unknown_arguments
from lava_hw.magma.core.process.interfaces import Register

__all__ = ["ProcessPostInitCaller", "ProcessServer"]


class _Processes(Register):
    """Numbers processes."""

    @property
    def processes(self) -> list[Any]:
        """The processes that exist."""
        return self.objects


_PROCESSES = _Processes()


def ProcessServer() -> _Processes:
    """The register that numbers all processes."""
    return _PROCESSES


class ProcessPostInitCaller(type):
    """Metaclass that calls `_post_init` once the constructor of the lowest class is done."""

    # Names that the constructor knows; None if it takes any, "" as long as nobody has looked.
    _known_arguments: frozenset[str] | str | None

    def __init__(cls, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cls._known_arguments = ""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Construct the process, then complete it."""
        obj = super().__call__(*args, **kwargs)
        obj._post_init()
        known = cls._known_arguments
        if known is not None and kwargs:
            if known == "":
                known = cls._known_arguments = known_arguments(cls)
            if isinstance(known, frozenset) and not known.issuperset(kwargs):
                warning = unknown_arguments(cls, obj._title, known, kwargs)
                if warning is not None:
                    obj._notice(warning)
        return obj

    @property
    def __signature__(cls) -> Signature:
        """Parameters of the constructor and of those of the parents, for `help` and notebooks."""
        given: Signature | None = cls.__dict__.get("__signature__")
        return given if given is not None else signature_of(cls)
