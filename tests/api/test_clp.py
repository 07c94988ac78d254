"""Processes of continually learning prototypes, against their rules in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import RunSteps, Sink, Source
from lava_hw.proc.clp.id_broadcast.process import IdBroadcast
from lava_hw.proc.clp.novelty_detector.process import NoveltyDetector
from lava_hw.proc.clp.nsm.process import Allocator, Readout
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from tests.api.integers import INT32, SETTINGS, clip24, toward_zero, wrap24, wrap32
from tests.api.one_process import FIXED, FLOAT, run


@SETTINGS
@given(
    st.integers(0, 4),
    st.lists(
        st.tuples(st.sampled_from([0, 0, 1, -2]), st.sampled_from([0, 0, 0, 1])), min_size=3, max_size=25
    ),
)
def test_novelty_detector(wait, pairs):
    first, second = zip(*pairs, strict=True)
    got = run(NoveltyDetector(t_wait=wait), {"input_aval_in": first, "output_aval_in": second}, len(pairs))
    expected, started = [], None  # the step of an input that has no answer yet
    for t, (asked, answered) in enumerate(pairs):
        if asked:
            started = t
        novel = not answered and started is not None and t - started > wait
        if answered or novel:
            started = None
        expected.append(int(novel))
    assert got["novelty_detected_out"].ravel().tolist() == expected


@SETTINGS
@given(st.integers(1, 9), st.lists(st.sampled_from([0, 1, 5, -1]), min_size=1, max_size=12))
def test_allocator(first, triggers):
    got = run(Allocator(n_protos=3, next_alloc_id=first), {"trigger_in": triggers}, len(triggers))
    number, expected = first, []
    for trigger in triggers:
        expected.append(number if trigger else 0)
        number += bool(trigger)
    assert got["allocate_out"].ravel().tolist() == expected
    assert got["next_alloc_id"] == [number]


@SETTINGS
@given(
    st.lists(st.integers(-3, 3), min_size=3, max_size=3),
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([0, 0, 1, 7]), min_size=3, max_size=3), st.sampled_from([0, 0, 1, 2, -1])
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_readout(labels, rows):
    spikes, given_labels = zip(*rows, strict=True)
    readout = Readout(n_protos=3, proto_labels=np.array(labels))
    got = run(readout, {"inference_in": spikes, "label_in": given_labels}, len(rows))
    known, last = list(labels), 0
    for t, (active, label) in enumerate(rows):
        answer = feedback = 0
        if any(active):
            last = next(k for k, s in enumerate(active) if s)
            known[last] = known[last] or -(last + 1)
            answer = known[last]
        if label:
            if known[last] > 0:
                feedback = 1 if known[last] == label else -1
            elif known[last] < 0:
                known[last] = answer = label
        assert got["user_output"][t] == [answer]
        assert got["feedback"][t] == [feedback]
        assert got["trigger_alloc"][t] == [int(feedback == -1)]
    assert got["proto_labels"].tolist() == known
    assert got["last_winner_id"] == [last]


def test_readout_without_labels():
    got = run(Readout(n_protos=2), {"inference_in": [[0, 1]], "label_in": [[0]]}, 1)
    assert got["proto_labels"].tolist() == [0, -2]


def test_id_broadcast():
    got = run(IdBroadcast(shape=(2,)), {"a_in": [[1, 2], [-3, 2**31 - 1]]}, 2, FIXED)
    assert got["s_out"].tolist() == [[1, 2], [-3, 2**31 - 1]]
    assert got["val"].tolist() == [-3, 2**31 - 1]


@SETTINGS
@given(
    st.lists(
        st.tuples(
            st.tuples(*[st.one_of(st.integers(-40, 60), INT32)] * 3),
            st.sampled_from([0, 0, 0, 1, 2, 3]),
            st.tuples(*[st.sampled_from([0, 0, 0, 1, -1])] * 3),
        ),
        min_size=2,
        max_size=12,
    )
)
def test_prototype_lif(rows):
    activations, chosen, resets = zip(*rows, strict=True)
    neurons = PrototypeLIF(shape=(3,), du=700, dv=300, vth=30, bias_mant=9, bias_exp=3)
    factors = [[n, 0, 0] for n in chosen]
    got = run(neurons, {"a_in": activations, "a_third_factor_in": factors, "reset_in": resets}, len(rows))
    u, v, y1 = [0] * 3, [0] * 3, [0] * 3
    for t, (row, number, reset) in enumerate(rows):
        for k in range(3):
            u[k] = wrap24(wrap32(toward_zero(u[k] * 3395, 12) + wrap32(row[k] << 6)))
            v[k] = clip24(wrap32(toward_zero(v[k] * 3796, 12) + u[k] + 72))
            if reset[k] > 0:
                u[k] = v[k] = 0
        spikes = [int(x > 30 << 6) for x in v]
        learning = [int(k == number - 1) for k in range(3)] if number else [0, 0, 0]
        if number:
            spikes, y1 = learning, [127 * n for n in learning]
        v = [0 if s else x for s, x in zip(spikes, v, strict=True)]
        assert got["s_out"][t].tolist() == spikes
        assert got["s_out_bap"][t].tolist() == learning
        assert got["s_out_y1"][t].tolist() == y1
    assert (got["u"].tolist(), got["v"].tolist(), got["y1"].tolist()) == (u, v, y1)
    assert not got["s_out_y2"].any()


@pytest.mark.parametrize("number", [4, -1])
def test_numbers_of_no_neuron_are_refused(number):
    with pytest.raises(RuntimeError, match=f"a_third_factor_in received {number}; 1 to 3 name a neuron"):
        run(PrototypeLIF(shape=(3,)), {"a_third_factor_in": [[number, 0, 0]]}, 1)


def test_a_prototype_is_allocated():
    """Allocator, broadcast and neurons together; without a tag, as each has one kind of model."""
    allocator, broadcast = Allocator(n_protos=3), IdBroadcast(shape=(1,))
    neurons = PrototypeLIF(shape=(1,), vth=5)
    Source(data=np.array([[0, 1, 0]])).s_out.connect(allocator.trigger_in)
    allocator.allocate_out.connect(broadcast.a_in)
    broadcast.s_out.connect(neurons.a_third_factor_in)
    sink = Sink(shape=(1,), buffer=3)
    neurons.s_out_bap.connect(sink.a_in)
    with neurons:
        neurons.run(RunSteps(3), FLOAT)
        assert sink.data.get().tolist() == [[0, 1, 0]]
        assert neurons.y1.get() == [127]
