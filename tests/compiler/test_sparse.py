"""Sparse connections and delays on golden equal their Python models: every message and Var of each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, eye

from lava_hw import LIF, DelayDense, DelaySparse, Sparse
from lava_hw.chip import Chip
from lava_hw.compiler.errors import DoesNotFit, ParameterRefused
from lava_hw.image import Image
from lava_hw.image.tables import cores_of
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.regs import ConnKind
from lava_hw.utils.weightutils import SignMode
from tests.compiler.equality import hold_equal
from tests.compiler.processes import Answers, chain, dense, lif
from tests.compiler.sparse import delay_dense, delay_sparse, sparse
from tests.compiler.test_connection_formats import values

CHIPS = ("test8", "test32")
# Many cores so small that populations are split.
WIDE = replace(Chip.load("test32"), name="split", mesh_x=8, mesh_y=5, neurons=64)
MODES: dict[str, dict[str, Any]] = {
    "mixed": {},
    "excitatory": {"low": 0, "high": 256},
    "inhibitory": {"low": -255, "high": 1},
    "clipped at 0": {"sign_mode": SignMode.EXCITATORY},
    "asked for mixed": {"sign_mode": SignMode.MIXED, "low": 0, "high": 100},
}
MAKERS = {"Sparse": sparse, "DelaySparse": delay_sparse, "DelayDense": delay_dense}
odd = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")


def chip_of(name: str) -> Any:
    return WIDE if name == "split" else name


def kinds(image: Image) -> list[ConnKind]:
    """Kinds of the connections of an image."""
    return [
        ConnKind(fields["kind"])
        for core in cores_of(image.segments, image.chip.lanes)
        for fields in core.connections.values()
    ]


@odd
@pytest.mark.parametrize("bits", [4, 8, 16])
@pytest.mark.parametrize("mode", MODES)
def test_weights_of_all_widths_and_signs(bits: int, mode: str) -> None:
    """Spikes and values, shifted to the left and to the right, in one network of all kinds."""
    chip = (*CHIPS, "split")[(list(MODES).index(mode) + bits // 4) % 3]
    kept = {"num_weight_bits": 4} if bits == 4 else {}
    a = lif(75)
    for k, make in enumerate(MAKERS.values()):
        options = {"stored_bits": bits, **MODES[mode], **kept}
        chain(a, make(75, 75, k, weight_exp=k - 1, **options), a)
        more = {"weight_exp": 2} if make is delay_dense else {"weight_exp": -3}
        graded = make(75, 20, k + 5, num_message_bits=24, **more, **options)
        chain(values(20), graded, a)
    image = hold_equal([a], chip_of(chip), steps=6)
    assert {ConnKind.SPARSE, ConnKind.DENSE} <= set(kinds(image))


@pytest.mark.parametrize("chip", CHIPS)
def test_values_of_32_bits(chip: str) -> None:
    """Sums wrap, and go on as values into the next one."""
    source, sink = values(33), Sink(shape=(40,), buffer=8)
    layer = sparse(40, 33, 1, num_message_bits=32, weight_exp=2)
    chain(source, layer)
    layer.a_out.connect(sink.a_in)
    late = delay_sparse(10, 40, 3, num_message_bits=32, weight_exp=-1)
    layer.a_out.connect(late.s_in)
    chain(late, lif(10))
    other = delay_dense(12, 33, 4, num_message_bits=32, weight_exp=1)
    chain(source, other, lif(12))
    hold_equal([source], chip)


@pytest.mark.parametrize("chip", [*CHIPS, "split"])
def test_what_does_not_fill_a_word(chip: str) -> None:
    """Rows without synapses, one synapse; readers in another order, in Python, and of one element only."""
    a, p = lif(70), Answers((9,))
    empty = Sparse(weights=csr_matrix((70, 70), dtype=int))
    one = Sparse(weights=csr_matrix(([6], ([69], [33])), shape=(70, 70)))
    small = sparse(9, 70, 2, density=0.05)
    for layer in (empty, one):
        chain(a, layer, a)
    chain(a, small, p)
    turned = lif((3, 3), 3)
    small.a_out.reshape((3, 3)).transpose((1, 0)).connect(turned.a_in)
    one_for_all = PrototypeLIF(shape=(40,))
    third = sparse(40, 70, 5, low=0, high=2, density=0.1)
    chain(a, third)
    third.a_out.connect(one_for_all.a_third_factor_in)
    both = sparse(9, 79, 3)
    a.s_out.concat_with([p.out], 0).connect(both.s_in)
    chain(both, lif(9, 4))
    hold_equal([a], chip_of(chip), steps=6)


@pytest.mark.parametrize("chip", CHIPS)
def test_a_diagonal_is_one_to_one(chip: str) -> None:
    """Where each neuron leads to the same one of the target: a row with a number for each, not a matrix."""
    a = lif(75)
    weights = csr_matrix(eye(75, dtype=int).multiply(np.arange(-74, 76, 2)[:75, None]))
    same = Sparse(weights=weights, name="same")
    chain(a, same, a)
    late = DelaySparse(weights=weights, delays=csr_matrix(weights != 0).astype(np.int64) * 2)
    chain(a, late, a)
    first = Sparse(weights=csr_matrix(np.eye(80, 75, dtype=int) * 7), num_message_bits=8)
    chain(values(75, 1, -9, 9), first, lif(80))
    image = hold_equal([a, first], chip)
    assert kinds(image).count(ConnKind.ONE_TO_ONE) == 3
    lines = sum(core["synapse_lines"].used for core in image.manifest.report.values())
    assert lines < 150


@odd
@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("process", MAKERS)
def test_values_are_set_between_steps(chip: str, process: str) -> None:
    rng = np.random.default_rng(2)
    a, layer = lif(20), MAKERS[process](20, 20, 1, stored_bits=16, weight_exp=-1, name="layer", low=0)
    chain(a, layer, a)

    def sets(step: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, low, high in (("weights", -(2**15), 2**15), ("delays", 0, 3)):
            if hasattr(layer, name) and step in (2, 3, 5):
                init = getattr(layer, name).init
                if hasattr(init, "tocsr"):
                    found[f"layer.{name}"] = init.copy()
                    found[f"layer.{name}"].data = rng.integers(low, high, init.nnz)
                else:
                    found[f"layer.{name}"] = rng.integers(low, high, (20, 20))
        if step == 4:
            found["layer.a_buff"] = rng.integers(-(2**30), 2**30, layer.a_buff.shape)
        return found

    hold_equal([a], chip, sets=sets, steps=9)


@pytest.mark.parametrize(("exponent", "most"), [(-2, 12), (0, 62)])
def test_the_longest_delays(exponent: int, most: int) -> None:
    """A right shift takes a constant of the program for each delay, of which there are 64."""
    a = LIF(shape=(5,), vth=3, du=4095, dv=4095, bias_mant=[9, 0, 2, 0, 1])
    chain(a, delay_dense(5, 5, 1, most=most, weight_exp=exponent), a)
    chain(a, delay_sparse(5, 5, 2, most=most, weight_exp=exponent, density=0.9), a)
    chip = replace(Chip.load("test8"), name="late", delay_slots=64, acc_groups=256)
    hold_equal([a], chip, steps=most + 8)


def test_right_shifts_of_two_delays_are_not_that_of_their_sum() -> None:
    """14 / 8 and 14 / 8 are 1 each; a sum of both would be 3."""
    a, b = (LIF(shape=(1,), vth=0, du=4095, dv=4095, bias_mant=1) for _ in range(2))
    layer = DelayDense(weights=[[14]], delays=[[1]], max_delay=1, weight_exp=-3)
    other = DelaySparse(weights=np.array([[14, 14]]), delays=np.array([[0, 1]]), weight_exp=-3, name="other")
    chain(a, layer, lif(1))
    a.s_out.concat_with([b.s_out], 0).connect(other.s_in)
    sink = Sink(shape=(1,), buffer=8)
    other.a_out.connect(sink.a_in)
    hold_equal([a], "test8")


REFUSED: dict[str, Any] = {
    "delay of 63": (
        lambda: DelayDense(weights=[[2]], delays=[[63]], name="layer"),
        ["max_delay", "63", "0 to 62", "stay in Python"],
    ),
    "delay that is dropped": (
        lambda: DelaySparse(weights=np.eye(3) * 2, delays=5, max_delay=4, name="layer"),
        ["delays is 5 at (0, 0)", "max_delay", "4"],
    ),
    "64 bits": (
        lambda: DelayDense(weights=[[2]], delays=1, num_message_bits=8, weight_exp=-1, name="layer"),
        ["weight_exp is -1", "DelaySparse"],
    ),
    "weight of 4 bits": (
        lambda: Sparse(weights=np.array([[0, 0], [0, 99]]), stored_bits=4, name="layer"),
        ["weights is 99 at (1, 1)", "stored_bits=4 multiples of 1 from 0 to 15"],
    ),
    "stored bits": (lambda: Sparse(weights=np.eye(2), stored_bits=5, name="layer"), ["stored_bits is 5"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_held_is_refused(case: str) -> None:
    make, parts = REFUSED[case]
    layer = make()
    layer.a_out.connect(LIF(shape=layer.a_out.shape).a_in)
    with pytest.raises(ParameterRefused) as caught:
        hold_equal([layer], "test8")
    for part in ["layer", *parts]:
        assert part in str(caught.value)


def test_a_chip_with_too_few_slots_is_named() -> None:
    layer = DelayDense(weights=[[2]], delays=[[7]], name="layer")
    layer.a_out.connect(LIF(shape=(1,)).a_in)
    with pytest.raises(DoesNotFit, match=r"layer with delays up to 7 needs 9 delay_slots.* test8 has 8"):
        hold_equal([layer], "test8")


@st.composite
def layers(draw: Any) -> list[Any]:
    """A population, and sparse and late connections of all formats into it and from it."""
    n = draw(st.sampled_from([1, 8, 31, 33, 70]))
    cells = lif(n)
    for k in range(draw(st.integers(1, 4))):
        bits = draw(st.sampled_from([4, 8, 16]))
        make = draw(st.sampled_from(list(MAKERS.values())))
        message = draw(st.sampled_from([0, 1, 16, 32]))
        low, high = draw(st.sampled_from([(-300, 300), (0, 256), (-255, 1)]))
        options = {
            "stored_bits": bits,
            "weight_exp": draw(st.integers(0 if message and make is delay_dense else -5, 8)),
            "num_message_bits": message,
            "num_weight_bits": draw(st.integers(1, 4 if bits == 4 else 8)),
            "low": low,
            "high": high,
        }
        m = draw(st.sampled_from([1, 5, 32, 40]))
        if make is not delay_dense:
            options["density"] = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
        if draw(st.booleans()):
            chain(values(m, k), make(n, m, k, **options), cells)
        else:
            chain(cells, make(n, n, k, **options), cells)
    chain(cells, dense(n, n, 9), cells)
    return [cells]


@odd
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(layers(), st.sampled_from([*CHIPS, "split"]))
def test_random_layers(drawn: list[Any], chip: str) -> None:
    hold_equal(drawn, chip_of(chip), steps=5)
