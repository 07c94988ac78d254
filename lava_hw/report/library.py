"""Which processes of the library have a model for the chip: the generated part of README.md.

Run as ``python -m lava_hw.report.library [README.md]``; `make docs` does.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import lava_hw.proc
from lava_hw._pages import with_part
from lava_hw.graph.discover import find_models
from lava_hw.graph.reasons import chip_models
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["library", "section", "written"]

_IO = ("lava_hw.proc.io.", "lava_hw.proc.monitor.", "lava_hw.proc.receiver.", "lava_hw.proc.spiker.")


def library() -> Iterator[type[AbstractProcess]]:
    """Give the process classes of the library that have models, by module and in order of definition."""
    for info in sorted(pkgutil.walk_packages(lava_hw.proc.__path__, "lava_hw.proc."), key=lambda i: i.name):
        module = import_module(info.name)
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, AbstractProcess)
                and value.__module__ == info.name
                and not value.__name__.startswith("_")
            ):
                try:
                    find_models(value)
                except NoProcessModelFound:
                    continue
                yield value


def section() -> str:
    """Give the generated part: a table of what has a chip model, and the names of the others."""
    rows = ["| process | on the chip as |", "|---|---|"]
    python, io = [], []
    for cls in library():
        name = cls._class_label()
        models = chip_models(cls)
        if models:
            first = (models[0].__doc__ or "").strip().splitlines()[0]
            rows.append(f"| `{name}` | {first} (`{models[0].__name__}`) |")
        elif cls.__module__.startswith(_IO):
            io.append(name)
        else:
            python.append(name)
    lines = [*rows, "", *_wrapped(f"In Python beside it: {_list(python)}.")]
    lines += ["", *_wrapped(f"Sources, sinks and other I/O, always in Python: {_list(io)}.")]
    return "\n".join(lines)


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(set(names), key=str.lower))


def _wrapped(text: str, width: int = 120) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def written(page: str) -> str:
    """Give a page with its generated part written anew.

    Raises
    ------
    ValueError
        If the page has no place for it.
    """
    return with_part(page, "the models", section())


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
