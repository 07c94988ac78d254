"""docs/processes.md has every process of the library, with its models."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import lava_hw.proc
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess
from tests.docs.markdown import DOCS

ROW = re.compile(r"^\| `([\w.]+)` `(\w+)` \|.*$", re.MULTILINE)


def library(parent: type) -> Iterator[type]:
    """Public classes below lava_hw.proc."""
    for info in pkgutil.walk_packages(lava_hw.proc.__path__, "lava_hw.proc."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and issubclass(value, parent)
                and value.__module__ == info.name
                and not name.startswith(("Abstract", "_"))
            ):
                yield value


def rows() -> dict[str, str]:
    """Path of the process -> its row."""
    found = {}
    for match in ROW.finditer((DOCS / "processes.md").read_text(encoding="utf-8")):
        folder, name = match.groups()
        home = folder if folder.startswith("io.") else f"{folder}.process"
        found[f"lava_hw.proc.{home}.{name}"] = match.group(0)
    return found


def path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__name__}"


def test_every_process_is_there_and_every_row_is_a_process() -> None:
    assert {path(cls) for cls in library(AbstractProcess)} == set(rows())


def test_a_row_names_the_models_of_its_process() -> None:
    expected: dict[str, set[str]] = {}
    for model in library(AbstractProcessModel):
        process = getattr(model, "implements_process", None)
        if process is not None:
            expected.setdefault(path(process), set()).add(model.__name__)
    named = {process: set(re.findall(r"`(\w+)`", row.split("|")[4])) for process, row in rows().items()}
    assert named == expected


def test_kinds_are_those_of_the_tags() -> None:
    """`f`, `i` and `chip` in front of a model."""
    models = {
        (path(getattr(model, "implements_process", None)), model.__name__): model
        for model in library(AbstractProcessModel)
        if getattr(model, "implements_process", None) is not None
    }
    wrong = []
    for process, row in rows().items():
        for kind, name in re.findall(r"(\w+)? ?`(\w+)`", row.split("|")[4]):
            tags = set(models[process, name].tags)
            shown = {"f": "floating_pt", "i": "fixed_pt", "chip": "fixed_pt"}.get(kind)
            if shown is not None and shown not in tags:
                wrong.append((process, name, kind))
            if shown is None and tags & {"floating_pt", "fixed_pt"} and "DeltaEncoder" not in name:
                wrong.append((process, name, kind))
    assert wrong == []
