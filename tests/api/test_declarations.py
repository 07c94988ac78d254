"""Processes have the arguments, defaults, Vars, initial values, ports and models of those of Lava 0.10.

What Lava declares was recorded from Lava itself, in data/lava_processes.json.
"""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import Loihi2SimCfg
from lava_hw.graph.flatten import offered_models

RECORDED = json.loads((Path(__file__).parent / "data/lava_processes.json").read_text())["processes"]
CASES = {f"{k} {case['process']}": case for k, case in enumerate(RECORDED)}


def given(value):
    """An argument, from what stands for it in the file."""
    if isinstance(value, dict) and "csr" in value:
        return csr_matrix(np.array(value["csr"]))
    if isinstance(value, dict) and "array" in value:
        return np.array(value["array"])
    if isinstance(value, dict) and "class" in value:
        return of_path(value["class"].removeprefix("lava."))(**value["args"])
    if isinstance(value, list):
        return np.array(value) if isinstance(value[0], list) else tuple(value)
    return value


def of_path(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"lava_hw.{module}"), name)


def plain(value):
    """A value as it stands in the file."""
    if hasattr(value, "toarray"):
        return {"csr": value.toarray().tolist()}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, (int, float, str, type(None))) else {"other": type(value).__name__}


def parameters(cls):
    """Arguments of the constructor; what it hands on to that of its parent counts too."""
    found = {}
    for klass in cls.__mro__:
        if "__init__" not in vars(klass):
            continue
        own = inspect.signature(klass.__init__).parameters
        for name, parameter in own.items():
            if name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
                default = parameter.default
                found.setdefault(name, [] if default is parameter.empty else [plain(default)])
        if not any(p.kind is p.VAR_KEYWORD for p in own.values()):
            break
    return found


@pytest.mark.parametrize("case", CASES)
def test_arguments_and_their_defaults(case):
    recorded, ours = CASES[case]["parameters"], parameters(of_path(f"proc.{CASES[case]['process']}"))
    assert {name: ours.get(name) for name in recorded} == recorded


# Vars and ports that are otherwise here.
PORTS = {
    "monitor.process.Monitor": "probe() makes them, the first one too",
    "io.sink.Read": "connect_var() makes them",
}
INITIAL = {
    ("sparse.process.DelaySparse", "delays"): "one number for all becomes a matrix at once",
    ("io.sink.Read", "data"): "connect_var() makes it",
    ("monitor.process.Monitor", "var_read_0"): "probe() makes it",
    ("monitor.process.Monitor", "out_read_0"): "probe() makes it",
}


def same(ours, recorded):
    """Whether two Vars are the same: shape, and initial value once it fills the shape."""
    if ours is None or ours[0] != recorded[0]:
        return False
    if recorded[1] is None:
        return not ours[1]  # None, or no text
    if isinstance(recorded[1], (str, dict)):
        return ours[1] == recorded[1]
    return np.array_equal(*(np.broadcast_to(init, shape) for shape, init in (ours, recorded)))


@pytest.mark.parametrize("case", CASES)
def test_vars_and_ports(case):
    recorded = CASES[case]
    name = recorded["process"]
    process = of_path(f"proc.{name}")(**{k: given(v) for k, v in recorded["args"].items()})
    ours = {var.name: [list(var.shape), plain(var.init)] for var in process.vars}
    ports = {k: {port.name: list(port.shape) for port in getattr(process, k)} for k in recorded["ports"]}
    assert (ports == recorded["ports"]) is (name not in PORTS)
    wrong = {var for var, value in recorded["vars"].items() if not same(ours.get(var), value)}
    assert wrong == {var for process, var in INITIAL if process == name}


# Lava refuses these; here a model is chosen, because its tags do not speak of floating or fixed point, or
# because there is one.
CHOSEN_HERE = {
    ("lif.process.LIFRefractory", "fixed_pt"): "PyLifRefractoryModelFixed",
    ("io.encoder.DeltaEncoder", "fixed_pt"): "PyDeltaEncoderModelDense",
    ("io.injector.Injector", "fixed_pt"): "PyLoihiInjectorModel",
    ("io.injector.Injector", "floating_pt"): "PyLoihiInjectorModel",
    ("io.extractor.Extractor", "fixed_pt"): "PyLoihiExtractorModel",
    ("io.extractor.Extractor", "floating_pt"): "PyLoihiExtractorModel",
}


@pytest.mark.parametrize("tag", ["None", "floating_pt", "fixed_pt"])
@pytest.mark.parametrize("case", CASES)
def test_the_model_that_is_chosen(case, tag):
    recorded = CASES[case]
    process = of_path(f"proc.{recorded['process']}")(**{k: given(v) for k, v in recorded["args"].items()})
    cfg = Loihi2SimCfg(select_tag=None if tag == "None" else tag)
    expected = recorded["models"][tag]
    if expected is None:
        expected = CHOSEN_HERE.get((recorded["process"], tag))
    if expected is None:
        with pytest.raises(AssertionError, match=f"No ProcessModels found with tag '{tag}'"):
            cfg.select(process, offered_models(process, cfg, "p"))
    else:
        assert cfg.select(process, offered_models(process, cfg, "p")).__name__ == expected
