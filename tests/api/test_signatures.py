"""Signatures of all processes of the library: real names and defaults, the same as in their docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import pydoc
import re
from collections.abc import Iterator
from inspect import Parameter
from typing import Any

import pytest

import lava_hw.magma
import lava_hw.proc
from lava_hw import LIF, Dense
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.proc.dense.process import LearningDense
from lava_hw.proc.io.source import RingBuffer


def _subclasses(cls: type) -> Iterator[type]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _library() -> list[type]:
    for package in (lava_hw.proc, lava_hw.magma):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found = {c for c in _subclasses(AbstractProcess) if c.__module__.startswith("lava_hw.")}
    return sorted(found, key=lambda c: (c.__module__, c.__name__))


PROCESSES = _library()


def documented(cls: type) -> dict[str, str]:
    """Parameters of a docstring -> the line that names them."""
    doc = inspect.getdoc(cls) or ""
    section = re.search(r"Parameters\n-+\n(.*?)(\n\n\S[^\n]*\n-+\n|\Z)", doc, re.S)
    lines = section[1].splitlines() if section else []
    return {
        name.strip(): line
        for line in lines
        if line and not line.startswith(" ")
        for name in line.split(" : ")[0].split(",")
    }


def test_the_library_was_found() -> None:
    names = {cls.__name__ for cls in PROCESSES}
    assert {"LIF", "Dense", "Monitor", "S4d", "RFZero", "Injector", "PrototypeLIF"} <= names
    assert len(PROCESSES) > 45


@pytest.mark.parametrize("cls", PROCESSES, ids=lambda cls: f"{cls.__module__[8:]}.{cls.__name__}")
def test_signature_and_docstring_say_the_same(cls: type) -> None:
    signature = inspect.signature(cls)
    named = {n: p for n, p in signature.parameters.items() if p.kind is not Parameter.VAR_KEYWORD}
    lines = documented(cls)
    assert set(lines) == set(named), "names in the docstring, and in the signature"
    for name, parameter in named.items():
        assert parameter.kind is not Parameter.VAR_POSITIONAL
        text = lines[name].partition(" : ")[2]
        if parameter.default is Parameter.empty:
            assert "default" not in text
            assert "optional" not in text
        elif "optional" in text:
            assert parameter.default is None
        if "default" in text and "," not in lines[name].split(" : ")[0]:
            said = text.partition("default ")[2]
            try:
                assert ast.literal_eval(said) == parameter.default
            except (ValueError, SyntaxError):  # the name of a member of an enumeration
                assert said == parameter.default.name


def test_of_lif() -> None:
    signature = inspect.signature(LIF)
    assert list(signature.parameters) == [
        *("shape", "vth", "u", "v", "du", "dv", "bias_mant", "bias_exp", "name", "log_config", "kwargs")
    ]
    assert signature.parameters["vth"].default == 10
    assert signature.parameters["shape"].default is Parameter.empty
    signature.bind(shape=(2,), vth=3)
    with pytest.raises(TypeError):
        signature.bind((2,))


def test_what_models_read_is_in_it() -> None:
    assert inspect.signature(Dense).parameters["num_weight_bits"].default == 8
    learning = inspect.signature(LearningDense).parameters
    assert learning["sign_mode"].default.name == "MIXED"
    assert "shape" not in learning, "that of the weights"


def test_of_a_process_of_a_user() -> None:
    class Mine(LIF):
        def __init__(self, gain: float, *, vth: int = 7, **kwargs: Any) -> None:
            super().__init__(vth=vth, **kwargs)

    class Closed(RingBuffer):
        def __init__(self, count: int) -> None:
            super().__init__(data=[0] * count)

    class Heir(Mine):
        pass

    class Told(Mine):
        __signature__ = inspect.Signature([])

    for cls in (Mine, Heir):
        parameters = inspect.signature(cls).parameters
        assert list(parameters)[:3] == ["gain", "vth", "shape"]
        assert parameters["vth"].default == 7
        assert parameters["gain"].kind is Parameter.POSITIONAL_OR_KEYWORD
    assert list(inspect.signature(Closed).parameters) == ["count"]
    assert list(inspect.signature(Told).parameters) == []


def test_help_shows_it() -> None:
    assert "LIF(*, shape: 'tuple[int, ...]', vth: 'Any' = 10, u: 'Any' = 0" in pydoc.plain(
        pydoc.render_doc(LIF)
    )
