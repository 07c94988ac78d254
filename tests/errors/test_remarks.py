"""What is taken as in Lava, and warns: references of integers to floats, delays that are dropped."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import (
    LIF,
    BitCheck,
    DelayDense,
    DelaySparse,
    HwRunCfg,
    Loihi2SimCfg,
    Monitor,
    Read,
    Reset,
    RunSteps,
    compile_network,
)
from lava_hw.errors import ModelTypeWarning, NoEffectWarning, ValueChangedWarning
from lava_hw.proc.io.dataloader import StateDataloader
from lava_hw.proc.io.extractor import VarWire
from lava_hw.proc.io.sink import PyReadFloat

FLOAT = {"select_tag": "floating_pt"}


def read() -> Any:
    return Read(buffer=3, name="reader")


# -- references --
@pytest.mark.parametrize(
    ("make", "text"),
    [
        pytest.param(
            read,
            "'reader.state' is of integers in PyReadFixed, but 'neurons.v' is of floats in PyLifModelFloat: "
            "fractions are cut off. Take another model, by select_tag='floating_pt' or "
            "exception_proc_model_map={Read: PyReadFloat} in the run configuration.",
            id="Read",
        ),
        pytest.param(lambda: Reset(reset_value=0.5), "is of integers in PyResetFixed", id="Reset"),
        pytest.param(
            lambda: StateDataloader(dataset=[(np.full(2, 0.5), 0)]),
            "is of integers in PyStateModelFixed",
            id="StateDataloader",
        ),
        pytest.param(lambda: Reset(reset_value=3), None, id="Reset to an integer"),
        pytest.param(lambda: StateDataloader(dataset=[(np.arange(2.0), 0)]), None, id="integers"),
        pytest.param(VarWire, None, id="VarWire"),
    ],
)
@pytest.mark.filterwarnings("ignore::lava_hw.errors.ValueChangedWarning")
def test_references_of_integers_to_floats(make: Any, text: str | None) -> None:
    """Loihi2SimCfg() without a tag takes the model that is defined first, as Lava does."""

    def network() -> LIF:
        lif = LIF(shape=(2,), vth=10.0, bias_mant=0.3, name="neurons")
        make().connect_var(lif.v)
        return lif

    lif = network()
    if text is None:
        lif.create_runtime(Loihi2SimCfg())
        lif.stop()
        return
    with pytest.warns(ModelTypeWarning, match=re.escape(text)) as given:
        lif.create_runtime(Loihi2SimCfg())
    (warning,) = [w for w in given if w.category is ModelTypeWarning]
    assert warning.filename == __file__
    lif.stop()
    # Of a Reset to 0.5 the value itself is refused first.
    first = (
        (ValueChangedWarning, "reset_value")
        if "PyResetFixed" in text
        else (ModelTypeWarning, re.escape(text))
    )
    with pytest.raises(first[0], match=first[1]):
        network().create_runtime(Loihi2SimCfg(strict=True))
    # Where the types agree nothing is said.
    for tag in ("floating_pt", "fixed_pt"):
        lif = network() if tag == "floating_pt" else LIF(shape=(2,), name="neurons")
        if tag == "fixed_pt":
            read().connect_var(lif.v)
        lif.create_runtime(Loihi2SimCfg(select_tag=tag))
        lif.stop()


def test_the_remedy_works_and_the_answer_is_lavas() -> None:
    def run(**options: Any) -> Any:
        lif, reader = LIF(shape=(1,), vth=10.0, bias_mant=0.75, name="neurons"), read()
        reader.connect_var(lif.v)
        with lif:
            lif.run(RunSteps(num_steps=3), Loihi2SimCfg(**options))
            return reader.data.get().tolist()

    with pytest.warns(ModelTypeWarning):
        assert run() == [[0, 1, 2]]
    assert run(exception_proc_model_map={Read: PyReadFloat}) == [[0.75, 1.5, 2.25]]
    assert run(select_tag="floating_pt") == [[0.75, 1.5, 2.25]]


def test_probes_and_checks() -> None:
    """A Monitor holds floats; BitCheck has integers only, and no other model."""
    lif, monitor, check = LIF(shape=(1,), vth=10.0, name="neurons"), Monitor(), BitCheck(bits=8, name="check")
    monitor.probe(lif.u, 3)
    check.connect_var(lif.v)
    with pytest.warns(ModelTypeWarning, match="'check.state' is of integers") as given:
        lif.create_runtime(Loihi2SimCfg())
    assert len(given) == 1
    assert "exception_proc_model_map={BitCheck: a model of yours with a port of floats}" in str(
        given[0].message
    )
    lif.stop()


# -- delays --
def delayed(kind: str, delays: Any, most: int) -> Any:
    weights = np.full((2, 2), 4)
    if kind == "dense":
        return DelayDense(weights=weights, delays=delays, max_delay=most, name="delayed")
    return DelaySparse(weights=csr_matrix(weights), delays=csr_matrix(delays), max_delay=most, name="delayed")


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("tag", ["floating_pt", "fixed_pt"])
def test_delays_above_the_largest(kind: str, tag: str) -> None:
    text = (
        r"delayed.delays: 2 delays are above max_delay = 3 \(the largest is 5\): what they would delay is "
        r"dropped. Give max_delay=5 to the constructor."
    )
    delays = np.array([[1, 4], [5, 3]])
    with pytest.raises(NoEffectWarning, match=text):
        delayed(kind, delays, 3).create_runtime(Loihi2SimCfg(select_tag=tag, strict=True))
    process = delayed(kind, delays, 3)
    with pytest.warns(NoEffectWarning, match=text) as given:
        process.create_runtime(Loihi2SimCfg(select_tag=tag))
    assert len(given) == 1
    with process:
        process.run(RunSteps(num_steps=1))

    fine = delayed(kind, np.array([[1, 2], [3, 3]]), 3)
    fine.create_runtime(Loihi2SimCfg(select_tag=tag))
    with fine:
        value = fine.delays.get()
        fine.delays.set(value)
        value[0, 0] = 4
        with pytest.warns(NoEffectWarning, match=r"delayed.delays: 1 delay is above max_delay = 3"):
            fine.delays.set(value)
        fine.run(RunSteps(num_steps=1))
    strict = delayed(kind, np.array([[1, 2], [3, 3]]), 3)
    strict.create_runtime(Loihi2SimCfg(select_tag=tag, strict=True))
    with strict:
        with pytest.raises(NoEffectWarning, match="1 delay is above"):
            strict.delays.set(value)
        got = strict.delays.get()
        assert (got.toarray() if hasattr(got, "toarray") else got).tolist() == [[1, 2], [3, 3]]


def test_delays_of_an_image() -> None:
    process = delayed("dense", np.array([[1, 4], [5, 3]]), 3)
    lif = LIF(shape=(2,))
    process.a_out.connect(lif.a_in)
    with pytest.warns(NoEffectWarning, match=r"delayed.delays: 2 delays are above max_delay = 3"):
        compile_network([process], "default", HwRunCfg(device="golden", unfit="python"))


def test_compile_network_is_strict_where_the_call_says_so() -> None:
    def network() -> LIF:
        lif = LIF(shape=(2,), name="neurons")
        slow = DelayDense(weights=np.full((2, 2), 2), delays=np.array([[1, 2], [3, 9]]), max_delay=3)
        lif.s_out.connect(slow.s_in)
        return lif

    cfg = HwRunCfg(device="golden", chip="test8", unfit="python")
    with pytest.warns(NoEffectWarning, match="1 delay is above max_delay = 3"):
        compile_network(network(), "test8", cfg)
    with pytest.raises(NoEffectWarning, match="1 delay is above max_delay = 3"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile_network(network(), "test8", cfg, strict=True)
