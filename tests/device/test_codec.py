"""Messages to flits and back, against what docs/image.md says, flit by flit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw.chip import Chip
from lava_hw.device import DeviceError, ValueRefused
from lava_hw.device.exact import INT32_MAX, INT32_MIN
from lava_hw.device.flits import end_token
from lava_hw.device.outputs import decode_outputs
from lava_hw.device.ports import parse_ports
from lava_hw.image.manifest import (
    Elements,
    InputEntry,
    Manifest,
    OutputEntry,
    Stages,
    StreamEntry,
    TargetEntry,
)
from lava_hw.regs import EVENT_FLIT, FlitType

CHIP = Chip.load("small")


def manifest(inputs=None, outputs=None, closes=(0, 1), ends=(0, 1)):
    return Manifest(
        chip=CHIP,
        stages=Stages(2, tuple(closes), tuple(ends)),
        processes={},
        inputs=inputs or {},
        outputs=outputs or {},
        vars={},
        groups={},
        aliases={},
        programs={},
        report={},
    )


ALL = Elements(40)


def entry(elements=ALL, index_base=2, **changes):
    target = TargetEntry("D.in", 9, 3, index_base, elements)
    return replace(InputEntry((40,), "connection", None, "mask", (target,)), **changes)


def port(*elements, **changes):
    return parse_ports(manifest({"P.out": entry(*elements, **changes)}))[0]["P.out"]


def test_mask_sets_one_bit_for_each_nonzero_element():
    message = np.zeros((1, 40), int)
    message[0, [0, 31, 33]] = [1, -7, 2]
    rows, flits = port().encode(port().check(message))
    assert rows.tolist() == [0, 0]
    assert [EVENT_FLIT.unpack(f) for f in flits.tolist()] == [
        {
            "cfg": 0,
            "kind": FlitType.MASK_POS,
            "egress": 0,
            "dest": 9,
            "conn": 3,
            "index": 2,
            "payload": 0x80000001,
        },
        {"cfg": 0, "kind": FlitType.MASK_POS, "egress": 0, "dest": 9, "conn": 3, "index": 3, "payload": 2},
    ]


def test_graded_sends_each_nonzero_value_with_its_number():
    p = port(mode="graded")
    message = np.zeros((2, 40), int)
    message[1, [5, 39]] = [-3, INT32_MAX]
    rows, flits = p.encode(p.check(message))
    assert rows.tolist() == [1, 1]
    assert [(f["kind"], f["index"], f["payload"]) for f in map(EVENT_FLIT.unpack, flits.tolist())] == [
        (FlitType.GRADED, 64 + 5, 2**32 - 3),
        (FlitType.GRADED, 64 + 39, INT32_MAX),
    ]


def test_order_first_and_missing_elements():
    p = port(Elements(3, order=(7, -1, 2)), 0, mode="graded")
    flits = p.encode(p.check(np.arange(1, 41)[None]))[1]
    assert [(f["index"], f["payload"]) for f in map(EVENT_FLIT.unpack, flits.tolist())] == [(0, 8), (2, 3)]
    p = port(Elements(2, 10), 0, mode="graded")
    flits = p.encode(p.check(np.arange(1, 41)[None]))[1]
    assert [(f["index"], f["payload"]) for f in map(EVENT_FLIT.unpack, flits.tolist())] == [(0, 11), (1, 12)]


def test_no_flits_for_zeros_and_rows_ascend_over_several_targets():
    two = entry(targets=(*entry().targets, TargetEntry("E.in", 1, 0, 0, Elements(40))))
    p = parse_ports(manifest({"P.out": two}))[0]["P.out"]
    assert len(p.encode(p.check(np.zeros((5, 40))))[1]) == 0
    rows, flits = p.encode(p.check(np.eye(6, 40)))
    assert rows.tolist() == sorted(rows.tolist())
    assert len(flits) == 12


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**31, r"P\.out.*\(1, 4\) is 2147483648.*-2147483648 to 2147483647"),
        (-(2**31) - 1, "-2147483649"),
        (0.5, "is 0.5; .*integers only"),
        (np.nan, "is nan"),
        (np.inf, "is inf"),
    ],
)
@pytest.mark.parametrize("mode", ["mask", "graded"])
def test_values_that_are_not_exact_are_refused(value, text, mode):
    message = np.zeros((2, 40), np.asarray(value).dtype)
    message[1, 4] = value
    with pytest.raises(ValueRefused, match=text):
        port(mode=mode).check(message)


@pytest.mark.parametrize("message", [np.zeros(40), np.zeros((2, 39)), np.zeros((2, 40, 1)), 3])
def test_shape_is_checked(message):
    with pytest.raises(ValueRefused, match=r"P\.out: messages have shape .* needs \[T, 40\]"):
        port().check(message)


def test_text_is_refused():
    with pytest.raises(ValueRefused, match="not numbers"):
        port().check(np.full((1, 40), "a"))


def output(**changes):
    streams = (StreamEntry(4, Elements(40)), StreamEntry(5, Elements(8, order=tuple(range(47, 39, -1)))))
    return replace(OutputEntry((6, 8), "int32", 0, "mask", 0, streams), **changes)


def event(kind, conn, index, payload):
    return EVENT_FLIT.pack(kind=kind, egress=1, conn=conn, index=index, payload=payload)


def decode(flits, outputs=None, first=1, steps=1, ends=(0,)):
    ports = parse_ports(manifest(outputs=outputs or {"Q.out": output()}, ends=ends))[1]
    return decode_outputs(ports.values(), np.array(flits, np.uint64), first, steps)


def test_masks_and_graded_values_of_one_element_add():
    got = decode(
        [
            event(FlitType.MASK_POS, 4, 1, 0b101),
            event(FlitType.MASK_NEG, 4, 0, 1 << 31),
            event(FlitType.GRADED, 4, 34, 2**32 - 5),
            event(FlitType.GRADED, 5, 1, 9),
            end_token(1, 0),
        ]
    )["Q.out"]
    want = np.zeros(48, np.int32)
    want[[32, 34, 31, 46]] = [1, 1 - 5, -1, 9]
    assert got.shape == (1, 6, 8)
    assert got.dtype == np.int32
    assert np.array_equal(got.reshape(-1), want)


def test_steps_are_told_apart_by_the_end_tokens_of_the_stage():
    outputs = {
        "A.out": output(stage=0),
        "B.out": output(stage=1, streams=(StreamEntry(9, Elements(48)),)),
    }
    flits = []
    for step in (7, 8, 9):
        flits += [event(FlitType.GRADED, 4, step, step), end_token(step, 0)]
        flits += [event(FlitType.GRADED, 9, step, -step % 2**32), end_token(step, 1)]
    got = decode(flits, outputs, first=7, steps=3, ends=(0, 1))
    for row, step in enumerate((7, 8, 9)):
        assert np.flatnonzero(got["A.out"][row].reshape(-1)).tolist() == [step]
        assert got["A.out"][row].reshape(-1)[step] == step
        assert got["B.out"][row].reshape(-1)[step] == -step


@given(
    st.lists(
        st.one_of(
            st.builds(
                event, st.just(FlitType.GRADED), st.just(4), st.integers(0, 39), st.integers(0, 2**32 - 1)
            ),
            st.builds(
                event,
                st.sampled_from([FlitType.MASK_POS, FlitType.MASK_NEG]),
                st.just(5),
                st.just(0),
                st.integers(0, 255),
            ),
            st.builds(event, st.just(FlitType.MASK_POS), st.just(4), st.just(0), st.integers(0, 2**32 - 1)),
            st.builds(event, st.just(FlitType.MASK_POS), st.just(77), st.just(0), st.integers(0, 2**32 - 1)),
        ),
        max_size=8,
    )
)
def test_one_step_alone_is_decoded_as_among_others(events):
    alone = decode([*events, end_token(1, 0)])["Q.out"]
    among = decode([*events, end_token(1, 0), end_token(2, 0)], steps=2)["Q.out"]
    assert np.array_equal(alone[0], among[0])
    assert not among[1].any()


@pytest.mark.parametrize("more", [0, 9])
def test_a_neuron_that_the_port_does_not_have_is_an_error(more):
    others = [event(FlitType.GRADED, 4, 1, 1)] * more
    with pytest.raises(DeviceError, match="neuron 40 on stream 4, which has 40"):
        decode([*others, event(FlitType.GRADED, 4, 40, 1), end_token(1, 0)])
    with pytest.raises(DeviceError, match="neuron 32 on stream 5, which has 8"):
        decode([*others, event(FlitType.MASK_NEG, 5, 1, 1), end_token(1, 0)])
    absent = {"Q.out": output(streams=(StreamEntry(4, Elements(2, order=(3, -1))),))}
    with pytest.raises(DeviceError, match="on stream 4 that is no element of it"):
        decode([*others, event(FlitType.MASK_POS, 4, 0, 2), end_token(1, 0)], absent)


@given(
    rows=st.lists(st.lists(st.integers(-2, 2), min_size=70, max_size=70), min_size=2, max_size=4),
    base=st.sampled_from([0, 5]),
    order=st.sampled_from([None, [*range(69, 9, -1), -1, 3]]),
)
def test_one_row_alone_is_encoded_as_among_others(rows, base, order):
    elements = Elements(70) if order is None else Elements(len(order), order=tuple(order))
    p = port(elements, base, shape=(70,))
    place, flits = p.encode(p.check(np.array(rows)))
    for row, values in enumerate(rows):
        alone = p.encode(p.check(np.array([values])))
        assert not alone[0].any()
        assert alone[1].tolist() == flits[place == row].tolist()


def test_end_tokens_of_other_steps_are_an_error():
    with pytest.raises(DeviceError, match=r"stage 0 ended for steps .2.*steps 1 to 1 were awaited"):
        decode([end_token(2, 0)])


@given(
    values=st.lists(
        st.lists(st.one_of(st.just(0), st.integers(INT32_MIN, INT32_MAX)), min_size=11, max_size=11),
        min_size=1,
        max_size=5,
    ),
    order=st.permutations(range(11)),
    mode=st.sampled_from(["mask", "graded"]),
)
def test_what_is_encoded_can_be_decoded(values, order, mode):
    p = port(Elements(11, order=tuple(order)), 0, shape=(11,), mode=mode)
    message = np.array(values)
    rows, flits = p.encode(p.check(message))
    # The same flits, as if the chip had sent them on stream 3.
    stream = StreamEntry(3, Elements(11, order=tuple(order)))
    q = output(shape=(11,), streams=(stream,), mode=mode)
    sent = []
    for step in range(len(values)):
        sent += [*flits[rows == step].tolist(), end_token(step + 1, 0)]
    got = decode(sent, {"Q.out": q}, steps=len(values))["Q.out"]
    assert np.array_equal(got, message != 0 if mode == "mask" else message)
