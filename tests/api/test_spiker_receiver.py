"""Spiker and Receiver, with their relatives of 32 bits; BitCheck."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import Loihi2SimCfg, RunSteps, Source
from lava_hw.proc.bit_check.process import BitCheck
from lava_hw.proc.receiver.process import Receiver, Receiver32Bit
from lava_hw.proc.spiker.process import Spiker, Spiker32bit
from tests.api.integers import SETTINGS
from tests.api.one_process import FIXED, run


def heard(spiker, receiver, steps):
    """What a receiver holds after each step."""
    spiker.s_out.connect(receiver.a_in)
    rows = []
    with spiker:
        for _ in range(steps):
            spiker.run(RunSteps(1), Loihi2SimCfg())
            rows.append([var.get().tolist() for var in receiver.vars])
    return rows


@SETTINGS
@given(st.integers(0, 5), st.integers(-(2**40), 2**40))
def test_spiker(period, payload):
    """First in step period + 1, then each period; a period of 0 sends once."""
    spiker, steps = Spiker(period=period, payload=payload), 12
    got = [row[0] for row in heard(spiker, Receiver(), steps)]
    due = {1} if period == 0 else set(range(period + 1, steps + 1, period))
    assert got == [[payload if t in due else 0] for t in range(1, steps + 1)]


def test_a_rate_for_each_neuron():
    spiker = Spiker(shape=(2, 2), period=np.array([[1, 2], [3, 4]]), payload=np.array([[5, 6], [7, -8]]))
    got = run(spiker, {}, 9, FIXED)["s_out"]
    for (i, j), period in np.ndenumerate([[1, 2], [3, 4]]):
        due = np.flatnonzero(got[:, i, j]) + 1
        assert due.tolist() == list(range(period + 1, 10, period))
    assert got[8, 1].tolist() == [0, -8]


@SETTINGS
@given(st.integers(1, 5), st.one_of(st.integers(0, 2**32 - 1), st.integers(-(2**31), -1)))
def test_32_bits(period, payload):
    """First in step `period`; both parts of the receiver make up the payload."""
    steps = 11
    for t, (first, last) in enumerate(
        heard(Spiker32bit(period=period, payload=payload), Receiver32Bit(), steps)
    ):
        value = int(first[0]) * 2**24 + int(last[0])
        assert value == (payload if (t + 1) % period == 0 else 0)
        assert 0 <= last[0] < 2**24


def test_payloads_for_each_neuron():
    spiker = Spiker32bit(shape=(2,), period=np.array([1, 2]), payload=np.array([-3, 2**31 - 1]))
    assert run(spiker, {}, 3, FIXED)["s_out"].tolist() == [[-3, 0], [-3, 2**31 - 1], [-3, 0]]
    assert spiker.proc_params["signed"]


@pytest.mark.parametrize("payload", [2**32, -(2**31) - 1, np.array([-1, 2**31])])
def test_payloads_out_of_range(payload):
    with pytest.raises(ValueError, match="Spiker32bit: payload must lie in"):
        Spiker32bit(payload=payload)


def checked(values, bits, **options):
    """A BitCheck on what a receiver holds; `overflowed` after each step."""
    data = np.asarray(values)
    source, receiver = Source(data=np.moveaxis(data, 0, -1)), Receiver(shape=data.shape[1:])
    source.s_out.connect(receiver.a_in)
    check = BitCheck(bits=bits, **options)
    check.connect_var(receiver.payload)
    assert check.shape == data.shape[1:]
    flags = []
    with receiver:
        for _ in values:
            receiver.run(RunSteps(1), Loihi2SimCfg())
            flags.append(int(check.overflowed.item()))
    return flags


@pytest.mark.parametrize(
    ("values", "bits", "expected"),
    [
        ([[127], [-128], [0]], 8, [0, 0, 0]),
        ([[64], [128], [0]], 8, [0, 1, 1]),
        ([[0], [-129], [0]], 8, [0, 1, 1]),
        ([[0], [1]], 1, [0, 1]),
        ([[-1]], 1, [0]),
        ([[2**30 - 1]], 31, [0]),
        ([[2**30]], 31, [1]),
        ([[[0, 0], [0, 0]], [[0, 0], [8, 0]]], 4, [0, 1]),
    ],
)
def test_bit_check(values, bits, expected):
    """-2^(bits - 1) to 2^(bits - 1) - 1 fit; what was seen once stays."""
    assert checked(values, bits) == expected


def test_bit_check_prints(capsys):
    checked([[64], [128]], 8, debug=1, layerid=3)
    out = capsys.readouterr().out
    assert "Value is: [64] at time step: 1" in out
    assert "layer 3: values from 128 to 128 leave 8 bits, which hold -128 to 127" in out


def test_bit_check_of_nothing():
    check = BitCheck()
    with check:
        check.run(RunSteps(2), Loihi2SimCfg())
        assert check.overflowed == [0]


@pytest.mark.parametrize("bits", [0, 32, -1])
def test_bits_out_of_range(bits):
    with pytest.raises(ValueError, match=r"BitCheck: bits must lie in \[1, 31\], got"):
        BitCheck(bits=bits)
