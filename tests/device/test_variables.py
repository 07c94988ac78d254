"""Places and encodings of variables, against what docs/image.md says, word by word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lava_hw.chip import Chip
from lava_hw.device import DeviceError, ValueRefused
from lava_hw.device.memory import ReadPlan
from lava_hw.device.places import Places
from lava_hw.device.stores.latched import LatchedStore
from lava_hw.device.stores.parse import store_of
from lava_hw.device.stores.variable import StoredVariable
from lava_hw.device.stores.weights import first_step_weights
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.manifest import (
    AccEntry,
    AccPiece,
    ConstEntry,
    ConstPlace,
    Elements,
    HostEntry,
    LatchedEntry,
    StateEntry,
    StatePiece,
    StoreEntry,
    WeightsEntry,
    WeightsPiece,
)
from lava_hw.regs import CONFIG_FLIT, CONNECTION0, CORE_ADDR, CoreRegion
from lava_hw.weights import SignMode, determine_sign_mode

CHIP = replace(Chip.load("small"), acc_groups=16)


def variable(entry, shape, dtype="int32"):
    return StoredVariable("P.x", shape, np.dtype(dtype), store_of(entry, shape, CHIP, "P.x"))


def at(region, offset):
    return CORE_ADDR.pack(region=region, offset=offset)


def state(scale=1, offset=0):
    return StateEntry(scale, offset, (StatePiece(9, 3, 2, 1, Elements(10)),))


def test_state_is_in_lines_of_its_group():
    places = variable(state(), (10,)).store.locate(5)
    assert places.core.tolist() == [9] * 10
    want = [at(CoreRegion.STATE, (3 + 1) * 8 + k) for k in range(8)]
    want += [at(CoreRegion.STATE, (3 + 2 + 1) * 8 + k) for k in range(2)]
    assert places.addr.tolist() == want


def test_state_values_are_signed_and_may_be_scaled():
    store = variable(state(scale=-1, offset=4095), (10,)).store
    values = np.array([0, 4095, 4096, -5, 1, 2, 3, 4, 5, 6])
    words = store.encode(values, "P.x", 0, None)
    assert words.tolist() == [(4095 - v) % 2**32 for v in values]
    assert np.array_equal(store.decode(words), values)


def test_a_value_beyond_32_bits_once_stored_is_refused_by_name():
    store = variable(state(offset=10), (2, 5)).store
    values = np.zeros(10, np.int64)
    values[7] = 2**31 - 5
    with pytest.raises(
        ValueRefused, match=r"P\.x: element \(1, 2\) is 2147483643; the chip holds value \+ 10"
    ):
        store.encode(values, "P.x", 0, None)


def test_order_of_a_piece():
    piece = StatePiece(0, 0, 1, 0, Elements(4, order=(2, -1, 0, 1)))
    store = variable(StateEntry(1, 0, (piece,)), (3,)).store
    places = store.locate(0)
    assert places.addr.tolist() == [at(CoreRegion.STATE, k) for k in (0, 2, 3)]
    assert store.decode(np.array([7, 8, 9], np.uint32)).tolist() == [8, 9, 7]


def test_an_element_that_is_nowhere_is_an_error_of_the_image():
    with pytest.raises(DeviceError, match=r"P\.x: the image has 10 of 11 elements"):
        variable(state(), (11,))


def test_accumulators_are_those_of_the_next_step_and_shifted():
    store = variable(AccEntry(3, 32, (AccPiece(1, 2, Elements(9)),)), (9,)).store
    for step, slot in ((0, 1), (2, 3), (3, 0), (7, 0)):
        assert store.locate(step).addr.tolist() == [
            at(CoreRegion.ACC, (slot * 16 + 2) * 8 + k) for k in range(9)
        ]
    assert store.decode(np.array([8, 15, 2**32 - 1, *[0] * 6], np.uint32)).tolist() == [1, 1, -1, *[0] * 6]
    assert store.encode(np.full(9, -2), "P.x", 0, None).tolist() == [2**32 - 16] * 9
    with pytest.raises(ValueRefused, match=r"element \(0,\) is 268435456; .*\(value\) \* 8"):
        store.encode(np.full(9, 2**28), "P.x", 0, None)


def test_a_constant_is_the_same_in_all_places():
    store = variable(ConstEntry(-1, 4096, (ConstPlace(0, 5), ConstPlace(9, 6))), (1,)).store
    assert store.locate(0).core.tolist() == [0, 9]
    assert store.locate(0).addr.tolist() == [at(CoreRegion.CONSTANT, 5), at(CoreRegion.CONSTANT, 6)]
    assert store.encode(np.array([4097]), "P.x", 0, None).tolist() == [2**32 - 1] * 2
    assert store.decode(np.array([4000, 0], np.uint32)).tolist() == [96]


def test_a_constant_of_several_elements_needs_one_value():
    store = variable(ConstEntry(1, 0, (ConstPlace(0, 5),)), (3,)).store
    assert store.encode(np.full(3, 2), "P.x", 0, None).tolist() == [2]
    with pytest.raises(ValueRefused, match=r"P\.x: element \(2,\) is 4; the image holds one value"):
        store.encode(np.array([2, 2, 4]), "P.x", 0, None)


def test_latched_values_are_shifted_and_clipped():
    const = ConstEntry(1, 0, (ConstPlace(0, 1),))
    store = variable(LatchedEntry(HostEntry(10, False), const, 6, -1000, 2**23), (1,)).store
    assert isinstance(store, LatchedStore)
    assert store.latch(np.array([10, -100, 2**20])).tolist() == [640, -1000, 2**23]


def test_values_take_the_variables_type_and_nothing_wraps():
    v = variable(state(), (10,), "int16")
    assert v.check(np.full(10, 2.7)).tolist() == [2] * 10
    assert v.check(np.full(10, -2.7)).tolist() == [-2] * 10
    for bad in (np.nan, np.inf, 1e30, 32768, -32769, np.uint16(40000), 2**70):
        with pytest.raises(ValueRefused, match=r"P\.x: it is .*; the chip holds -32768 to 32767"):
            v.check(bad)
    assert v.check([-32768.9] * 9 + [32767]).tolist() == [-32768] * 9 + [32767]
    with pytest.raises(ValueRefused, match=r"shape \(9,\); the variable has \(10,\)"):
        v.check(np.zeros(9))
    with pytest.raises(ValueRefused, match=r"P\.x: it is 2147483648"):
        variable(state(), (10,), "int64").check(2**31)


def test_an_unknown_kind_of_store_is_named():
    class DiskEntry(StoreEntry):
        KIND = "disk"

    with pytest.raises(DeviceError, match=r"P\.x: nothing here reads a store of kind 'disk'"):
        variable(DiskEntry(), (1,))


# ---------------------------------------------------------------------------------------------- weights
SOURCES, TARGETS = Elements(3), Elements(5)


def weights(mode=SignMode.MIXED, sources=SOURCES, targets=TARGETS):
    mixed = mode == SignMode.MIXED
    layout = DenseLayout(4, 2, sources, targets)
    piece = WeightsPiece(8, (6,), mixed, mode == SignMode.INHIBITORY, int(mixed), layout)
    return variable(WeightsEntry(int(mode), True, 8, 3, (piece,)), (5, 3)).store


def test_rows_are_bytes_in_lines():
    store = weights()
    base = CORE_ADDR.pack(synapse=1)
    assert store.locate(0).addr.tolist() == [base + (4 + 2 * i) * 2 + w for i in range(3) for w in range(2)]
    matrix = np.arange(-7, 8).reshape(5, 3) * 2
    old = np.full(6, 0xAABBCCDD, np.uint32)
    words = store.encode(matrix.reshape(-1), "P.x", 1, old)
    data = words.astype("<u4").view(np.int8).reshape(3, 8)
    assert np.array_equal(data[:, :5], matrix.T // 2)
    assert (
        data[:, 5:].view(np.uint8).tolist() == [[0xCC, 0xBB, 0xAA]] * 3
    )  # what else is in the words is kept
    assert np.array_equal(store.decode(words).reshape(5, 3), matrix)


def test_orders_and_padding_of_rows():
    store = weights(sources=Elements(3, order=(2, 0, 1)), targets=Elements(6, order=(4, -1, 3, 2, 1, 0)))
    matrix = np.arange(15).reshape(5, 3) * 2
    words = store.encode(matrix.reshape(-1), "P.x", 1, np.zeros(6, np.uint32))
    data = words.astype("<u4").view(np.int8).reshape(3, 8)
    assert data[0].tolist() == [14, 0, 11, 8, 5, 2, 0, 0]
    assert np.array_equal(store.decode(words).reshape(5, 3), matrix)


@pytest.mark.parametrize(
    ("mode", "value", "text"),
    [
        (SignMode.MIXED, 3, "multiples of 2 from -256 to 254"),
        (SignMode.MIXED, 256, "MIXED"),
        (SignMode.EXCITATORY, -1, "multiples of 1 from 0 to 255"),
        (SignMode.INHIBITORY, 1, "multiples of 1 from -255 to 0"),
    ],
)
def test_raw_weights_that_the_format_cannot_hold_are_refused(mode, value, text):
    matrix = np.zeros((5, 3), np.int64)
    matrix[4, 1] = value
    with pytest.raises(ValueRefused, match=rf"P\.x: element \(4, 1\) is {value}; .*{text}"):
        weights(mode=mode).encode(matrix.reshape(-1), "P.x", 1, np.zeros(6, np.uint32))


def test_weights_before_the_first_step_become_what_it_makes_of_them():
    store = weights()
    matrix = np.array([[127, 200, 300], [-1, -3, -300], [1, 2, 3], [0, 0, 0], [255, -255, 254]])
    words = store.encode(matrix.reshape(-1), "P.x", 0, np.zeros(6, np.uint32))
    want = [[126, 200, 254], [-2, -4, -256], [0, 2, 2], [0, 0, 0], [254, -256, 254]]
    assert store.decode(words).reshape(5, 3).tolist() == want


# The table of the published behaviour: given, mode, bits, result.
TABLE = [
    (SignMode.MIXED, 8, [127, 200, 255, 300, -1, -3, -129, -255, -300],
     [126, 200, 254, 254, -2, -4, -130, -256, -256]),
    (SignMode.MIXED, 6, [127, 200, 255, 300, -1, -3, -129, -255, -300],
     [120, 200, 248, 248, -8, -8, -136, -256, -256]),
    (SignMode.MIXED, 4, [127, 200, 255, 300, -1, -3, -129, -255, -300],
     [96, 192, 224, 224, -32, -32, -160, -256, -256]),
    (SignMode.EXCITATORY, 6, [127, 200, 255, 300, -1, -300], [124, 200, 252, 252, 0, 0]),
    (SignMode.EXCITATORY, 4, [127, 200, 255, 300, -1, -300], [112, 192, 240, 240, 0, 0]),
    (SignMode.NULL, 6, [127, 200, 255, 300, -1, -300], [124, 200, 252, 252, 0, 0]),
    (SignMode.INHIBITORY, 6, [127, 300, -1, -3, -129, -255, -300], [0, 0, 0, 0, -128, -252, -252]),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "bits", "given", "want"), TABLE)
def test_first_step_weights(mode, bits, given, want):
    assert first_step_weights(np.array(given), mode, bits).tolist() == want


def test_sign_mode_follows_the_weights():
    assert determine_sign_mode(np.array([0, 0])) is SignMode.EXCITATORY
    assert determine_sign_mode(np.array([0, 3])) is SignMode.EXCITATORY
    assert determine_sign_mode(np.array([0, -3])) is SignMode.INHIBITORY
    assert determine_sign_mode(np.array([1, -3])) is SignMode.MIXED


def test_another_sign_mode_changes_descriptor_and_format():
    store = weights().with_mode(SignMode.INHIBITORY)
    assert store.descriptors().core.tolist() == [8]
    assert store.descriptors().addr.tolist() == [at(CoreRegion.CONNECTION, 6 * 8)]
    old = CONNECTION0.pack(kind=2, slot=1, is_signed=1, shift=4)
    new = CONNECTION0.unpack(int(store.describe(np.array([old], np.uint32))[0]))
    assert new == {**CONNECTION0.unpack(old), "is_signed": 0, "negate": 1, "shift": 3}
    words = store.encode(np.full(15, -255), "P.x", 1, np.zeros(6, np.uint32))
    assert words.astype("<u4").view(np.uint8).reshape(3, 8)[:, :5].tolist() == [[255] * 5] * 3
    assert store.decode(words).tolist() == [-255] * 15


# ---------------------------------------------------------------------------------------------- reads
def test_reads_are_merged_and_sorted_back():
    core = np.array([1, 1, 0, 1, 1])
    addr = np.array([11, 10, 10, 12, 11])
    plan = ReadPlan(Places(core, addr))
    asked = [(f["core"], f["addr"], f["data"] + 1) for f in map(CONFIG_FLIT.unpack, plan.flits.tolist())]
    assert asked == [(0, 10, 1), (1, 10, 3)]
    answers = [CONFIG_FLIT.pack(cfg=1, op=2, core=c, addr=a, data=100 * c + a) for c, a in
               ((0, 10), (1, 10), (1, 11), (1, 12))]  # fmt: skip
    assert plan.words(np.array(answers, np.uint64)).tolist() == [111, 110, 10, 112, 111]
    with pytest.raises(DeviceError, match="out of step"):
        plan.words(np.array([*answers[:3], answers[0]], np.uint64))
    assert plan.words(np.array(answers[1:] + answers[:1], np.uint64)).tolist() == [111, 110, 10, 112, 111]


def test_long_reads_are_cut():
    plan = ReadPlan(Places(np.zeros(10000, np.int64), np.arange(10000)))
    assert (CONFIG_FLIT.get_array(plan.flits, "data") + 1).tolist() == [4096, 4096, 1808]
    assert CONFIG_FLIT.get_array(plan.flits, "addr").tolist() == [0, 4096, 8192]
