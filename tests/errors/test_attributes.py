"""Attributes that a process does not have: the message names those that it has, and a look costs nothing."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from lava_hw import LIF, Dense, InPort, Loihi2SimCfg, RunSteps, Var
from lava_hw.magma.core.process import names
from lava_hw.magma.core.process.names import nearest
from lava_hw.magma.core.process.process import AbstractProcess


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("V", "'v'"),
        ("s_ot", "'s_out'"),
        ("v_th", "'vth'"),
        ("bias", "'bias_exp' or 'bias_mant'"),
        ("rnu", "'run'"),
    ],
)
def test_the_nearest_name_is_given_and_all_vars_and_ports(wrong: str, right: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(LIF(shape=(2,), name="cells"), wrong)
    assert str(caught.value) == (
        f"Process 'cells' of type LIF has no attribute '{wrong}'. Did you mean {right}? "
        "Vars: bias_exp, bias_mant, du, dv, u, v, vth. Ports: a_in, s_out."
    )


def test_nothing_near_gives_no_suggestion() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'threshold'\. Vars: "):
        _ = LIF(shape=(2,)).threshold


def test_collections_name_the_nearest_too() -> None:
    cells = LIF(shape=(2,))
    with pytest.raises(AssertionError, match=r"no Var named 'V'\. Did you mean 'v'\? It has: bias_exp"):
        _ = cells.vars.V
    with pytest.raises(
        AssertionError, match=r"no OutPort named 's_ot'\. Did you mean 's_out'\? It has: s_out"
    ):
        _ = cells.out_ports.s_ot


def test_no_text_is_made_for_a_mere_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "nearest", lambda *_: pytest.fail("the text of a message was made"))
    cells = LIF(shape=(2,))
    assert not hasattr(cells, "V")
    assert getattr(cells, "_repr_html_", None) is None
    assert getattr(cells, "__array__", None) is None


def test_the_error_of_a_property_is_not_hidden() -> None:
    class Broken(AbstractProcess):
        @property
        def total(self) -> Any:
            return self.v.missing

        def __init__(self) -> None:
            super().__init__()
            self.v = Var((1,))

    with pytest.raises(AttributeError, match="'Var' object has no attribute 'missing'"):
        _ = Broken().total


def test_before_the_parents_constructor_it_says_what_to_call() -> None:
    class Early(AbstractProcess):
        def __init__(self) -> None:
            self.count = self.proc_params["count"]
            super().__init__()

    with pytest.raises(
        AttributeError, match=re.escape("Early.__init__ must call super().__init__(**kwargs) first")
    ):
        Early()


def test_copies_and_files_work_as_before() -> None:
    dense = Dense(weights=[[1, 2]])
    for twin in (copy.copy(dense), copy.deepcopy(dense), pickle.loads(pickle.dumps(dense))):
        assert twin.weights.shape == (1, 2)
        assert not hasattr(twin, "weight")
    with pytest.raises(AttributeError) as caught:
        _ = dense.weight
    kept = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(kept, AttributeError)
    assert str(kept) == str(caught.value)


def test_members_that_come_later_are_known() -> None:
    class Later(AbstractProcess):
        def grow(self) -> None:
            self.extra = InPort((1,))

    process = Later()
    with pytest.raises(AttributeError, match=r"no attribute 'extras'\. Vars: none\. Ports: none\."):
        _ = process.extras
    process.grow()
    with pytest.raises(AttributeError, match=r"Did you mean 'extra'\? Vars: none\. Ports: extra\."):
        _ = process.extras


def test_after_a_run_too() -> None:
    with LIF(shape=(2,)) as cells:
        cells.run(RunSteps(1), Loihi2SimCfg())
        with pytest.raises(AttributeError, match="Process 'LIF_0' of type LIF has no attribute 'V'"):
            _ = cells.V


def test_nearest() -> None:
    names_of_lif = ["shape", "u", "v", "du", "dv", "bias_mant", "bias_exp", "vth"]
    assert nearest("bias", names_of_lif) == ["bias_mant", "bias_exp"]
    assert nearest("V_TH", names_of_lif) == ["vth"]
    assert nearest("xyzzy", names_of_lif) == []
