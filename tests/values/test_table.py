"""One table of values for Python, golden and the RTL: each Var, at the start and when it is set.

What is expected comes from `oracle`, which knows nothing of the package.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import LIF, Dense, Device, HwRunCfg, Loihi2SimCfg, RunSteps, compile_network
from lava_hw.compiler import ParameterRefused
from lava_hw.errors import (
    LavaHwWarning,
    NoEffectWarning,
    OutOfRangeWarning,
    UndefinedValueError,
    ValueChangedWarning,
)
from tests.values.given import cases, plain
from tests.values.oracle import CHANGED, EFFECT, ERROR, RANGE, Outcome, Row, outcome, stored
from tests.values.rows import DENSE, LIF_ROWS, TABLE

WORDS: dict[type[LavaHwWarning], str] = {
    ValueChangedWarning: CHANGED,
    OutOfRangeWarning: RANGE,
    NoEffectWarning: EFFECT,
}
EVERY = [(process, var) for process, (_, rows) in TABLE.items() for var in rows]


def is_new(var: str, row: Row) -> bool:
    """Whether a row of other neurons says something that those of LIF do not."""
    return var != "delta_i" and LIF_ROWS.get(var) is not row


NEURONS = ["TernaryLIF", "LIFReset", "LIFRefractory", "LearningLIF", "PrototypeLIF", "ATRLIF", "RF", "RF_IZ"]
NEURONS += ["RFZero", "LIFSubtract", "IF", "LeakyIntegrator", "Sigma", "Delta", "SigmaDelta", "GradedVec"]
NEURONS += ["GradedReluVec", "NormVecDelay", "ProdNeuron", "Spiker"]
ON_CHIP = [("LIF", var) for var in LIF_ROWS] + [("Dense", "weights")]
# A part beyond 0 to 1 is refused where its fraction is; tests/system/test_refused_neurons.py has it.
ON_CHIP += [(name, var) for name in NEURONS for var, row in TABLE[name][1].items() if is_new(var, row)]


def python() -> Any:
    # A process whose models have other tags has one for all networks.
    return Loihi2SimCfg(select_tag="fixed_pt")


def golden() -> Any:
    return HwRunCfg(device="golden", chip="test8")


@contextmanager
def listening(said: set[str]) -> Iterator[None]:
    """Note what is said, by its word in the table."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except (UndefinedValueError, ParameterRefused):
            said.clear()
            said.add(ERROR)
            return
    kinds = [w.category for w in caught if issubclass(w.category, LavaHwWarning)]
    assert len(kinds) == len(set(kinds)), "each warning once for a Var"
    said |= {WORDS[kind] for kind in kinds}


def given_to(process: Any, var: str, value: Any) -> tuple[Any, list[Any]]:
    """A value as the Var takes it: in a sparse matrix where it is one; and its elements."""
    init = getattr(process, var).init
    if not hasattr(init, "tocsr"):
        return value, plain(value)
    array = np.full(init.shape, 1, np.asarray(value).dtype)
    array[0, -1] = np.asarray(value).reshape(-1)[-1]
    return csr_matrix((array.reshape(-1), ([0, 0], [0, 1])), shape=(1, 2)), plain(array)


def sparse_types(value: Any) -> bool:
    """Whether scipy has sparse matrices of the type."""
    dtype = np.asarray(value).dtype
    return dtype.kind in "iuf" and dtype != np.float16


def held(process: Any, var: str) -> np.ndarray[Any, Any]:
    value = getattr(process, var).get()
    return value.toarray() if hasattr(value, "tocsr") else value


def expect_initial(process_name: str, var: str, value: Any, cfg: Any, row: Row | None = None) -> str | None:
    """Build a network with the value; what is wrong, or None."""
    make, rows = TABLE[process_name]
    process = make()
    given, elements = given_to(process, var, value)
    getattr(process, var).init = given
    want: Outcome = outcome(row or rows[var], elements, initial=True)
    said: set[str] = set()
    got: Any = None
    with listening(said):
        process.create_runtime(cfg)
        got = held(process, var)
        process.stop()
    if said != want.said:
        return f"{value!r} ({np.asarray(value).dtype}): {sorted(said)}, expected {sorted(want.said)}"
    if got is not None and not np.all(got.reshape(-1) == np.asarray(want.used, float)):
        return f"{value!r}: {got}, expected {want.used}"
    return None


def takes(process_name: str, var: str, value: Any) -> bool:
    """Leave out what another rule than that of values forbids."""
    init = getattr(TABLE[process_name][0](), var).init
    return not hasattr(init, "tocsr") or sparse_types(value)


def expect_set(process: Any, var: str, row: Row, value: Any, step: int) -> str | None:
    """Set the value in a network that runs; what is wrong, or None."""
    target = getattr(process, var)
    before = held(process, var)
    given, elements = given_to(process, var, value)
    want = outcome(row, elements, initial=False, step=step)
    said: set[str] = set()
    with listening(said):
        target.set(given)
    got = held(process, var).reshape(-1)
    if said != want.said:
        return f"set {value!r} ({np.asarray(value).dtype}): {sorted(said)}, expected {sorted(want.said)}"
    wanted = before.reshape(-1) if ERROR in said else np.asarray(want.used, float)
    return None if np.all(got == wanted) else f"set {value!r}: {got}, expected {wanted}"


def value_of(row: Row, want: Outcome) -> list[float]:
    """What a device holds: weights as step 1 makes them."""
    return stored([int(w) for w in want.used], row.weights) if row.weights else list(want.used)


def wrong(found: Iterator[str | None]) -> list[str]:
    return [each for each in found if each is not None]


@pytest.mark.parametrize(("process", "var"), EVERY)
def test_initial_values_in_python(process: str, var: str) -> None:
    make, rows = TABLE[process]
    shape = getattr(make(), var).shape
    values = [v for v in cases(rows[var], shape) if takes(process, var, v)]
    assert not wrong(expect_initial(process, var, v, python()) for v in values)


@pytest.mark.parametrize(("process", "var"), EVERY)
def test_values_that_are_set_in_python(process: str, var: str) -> None:
    make, rows = TABLE[process]
    subject = make()
    values = [v for v in cases(rows[var], getattr(subject, var).shape) if takes(process, var, v)]
    subject.create_runtime(python())
    try:
        assert not wrong(expect_set(subject, var, rows[var], v, 0) for v in values)
    finally:
        subject.stop()


@pytest.mark.parametrize(("process", "var"), ON_CHIP)
def test_initial_values_on_golden(process: str, var: str) -> None:
    make, rows = TABLE[process]
    values = cases(rows[var].on_chip, getattr(make(), var).shape)
    assert not wrong(expect_initial(process, var, v, golden(), rows[var].on_chip) for v in values)


def neurons_set_on_chip(name: str, cfg: Any, steps: int) -> list[str]:
    """Set every Var of neurons to all values."""
    make, rows = TABLE[name]
    process = make()
    found = []
    process.create_runtime(cfg)
    try:
        if steps:
            process.run(RunSteps(steps))
        for var, row in rows.items():
            if not is_new(var, row) or (row.holds == "number" and var.startswith("theta") and steps):
                continue  # integers from step 1 on; tests/system/test_populations.py sets them
            for value in cases(row.on_chip, getattr(process, var).shape):
                found.append(expect_set(process, var, row.on_chip, value, steps))
                if found[-1] is not None:
                    found[-1] = f"{var}: {found[-1]}"
    finally:
        process.stop()
    return wrong(iter(found))


def set_on_chip(cfg: Any, steps: int) -> list[str]:
    """Set every Var of both processes of the chip to all values, in one network."""
    dense, cells = Dense(weights=np.ones((2, 2), int)), LIF(shape=(2,))
    dense.a_out.connect(cells.a_in)
    found = []
    cells.create_runtime(cfg)
    try:
        if steps:
            cells.run(RunSteps(steps))
        for process, rows in ((cells, LIF_ROWS), (dense, {"weights": DENSE["weights"]})):
            for var, row in rows.items():
                if var == "weights" and steps:
                    continue  # raw weights have limits of the chip; tests/device/test_variables.py has them
                row, shape = row.on_chip, getattr(process, var).shape
                found += [f"{var}: {e}" for e in wrong(
                    expect_set(process, var, row, v, steps) for v in cases(row, shape))]  # fmt: skip
    finally:
        cells.stop()
    return found


@pytest.mark.parametrize("steps", [0, 2])
def test_values_that_are_set_on_golden(steps: int) -> None:
    assert not set_on_chip(golden(), steps)


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("name", NEURONS)
def test_values_of_neurons_that_are_set_on_golden(name: str, steps: int) -> None:
    assert not neurons_set_on_chip(name, golden(), steps)


@pytest.mark.rtl
@pytest.mark.parametrize("steps", [0, 2])
def test_values_that_are_set_on_the_rtl(steps: int) -> None:
    assert not set_on_chip(HwRunCfg(device="verilator", chip="test8"), steps)


def test_values_that_are_written_to_a_device() -> None:
    """As Var.set, without the ranges of Loihi, which an image does not have."""
    dense, cells = Dense(weights=np.ones((2, 2), int), name="dense"), LIF(shape=(2,), name="cells")
    dense.a_out.connect(cells.a_in)
    found = []
    with Device.open("golden", "test8") as device:
        device.load(compile_network(cells, "test8"))
        for step in (0, 1):
            for name, row in [(f"cells.{var}", row) for var, row in LIF_ROWS.items()] + [
                ("dense.weights", DENSE["weights"])
            ]:
                if name == "dense.weights" and step:
                    continue
                row, shape = row.on_chip, device.read(name).shape
                for value in cases(row, shape):
                    want = outcome(row, plain(value), initial=False, step=step)
                    said: set[str] = set()
                    with listening(said):
                        device.write(name, value)
                    if said != want.said - {RANGE}:
                        found.append(f"{name}, step {step}: {value!r}: {said}, expected {want.said}")
                    elif ERROR not in said:
                        got = device.read(name).reshape(-1)
                        used = np.asarray(value_of(row, want), float)
                        if not np.all(got == used):
                            found.append(f"{name}: {value!r}: {got}, expected {used}")
            device.advance(1)
    assert not found
