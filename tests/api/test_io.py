"""Reset, data loaders and the delta encoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw import (
    LIF,
    AbstractProcess,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    PyInPort,
    PyLoihiProcessModel,
    RunSteps,
    Sink,
    Source,
    implements,
)
from lava_hw.proc.io.compression import pack_bytes, pack_dense, pack_distances, sparse, unpack_distances
from lava_hw.proc.io.dataloader import SpikeDataloader, StateDataloader
from lava_hw.proc.io.encoder import (
    Compression,
    DeltaEncoder,
    PyDeltaEncoderModelDense,
    PyDeltaEncoderModelSparse,
)
from lava_hw.proc.io.reset import Reset

FIXED, FLOAT = Loihi2SimCfg(select_tag="fixed_pt"), Loihi2SimCfg(select_tag="floating_pt")
SETTINGS = settings(max_examples=60, deadline=None, database=None)


@pytest.mark.parametrize(("interval", "offset"), [(1, 0), (3, 0), (3, 2), (4, 9)])
@pytest.mark.parametrize("value", [0, -7])
def test_reset(interval, offset, value):
    lif, reset, steps = LIF(shape=(2,), bias_mant=1, vth=1000), Reset, 13
    reset = Reset(reset_value=value, interval=interval, offset=offset)
    reset.connect_var(lif.v)
    with lif:
        v = u = 0
        for t in range(1, steps + 1):
            lif.run(RunSteps(1), FIXED)
            v += u + 1
            if (t - 1) % interval == offset % interval:
                v = value  # seen at the end of the step, and where the next one starts
            assert lif.v.get().tolist() == [v, v]


def test_reset_to_a_float():
    lif, reset = LIF(shape=(2,), bias_mant=1, vth=1000), Reset(reset_value=0.25, interval=2)
    reset.connect_var(lif.v)
    with lif:
        lif.run(RunSteps(3), FLOAT)
        assert lif.v.get().tolist() == [0.25, 0.25]
        lif.run(RunSteps(1))
        assert lif.v.get().tolist() == [1.25, 1.25]


@pytest.mark.parametrize("interval", [0, -1])
def test_intervals_that_are_refused(interval):
    for make in (
        lambda: Reset(interval=interval),
        lambda: SpikeDataloader(dataset=[(np.zeros((1, 2)), 0)], interval=interval),
    ):
        with pytest.raises(ValueError, match=f"interval must be at least 1, got {interval}"):
            make()


@pytest.mark.parametrize(("cfg", "scale"), [(FIXED, 1), (FLOAT, 0.5)], ids=["fixed", "float"])
@pytest.mark.parametrize(("interval", "offset"), [(4, 0), (4, 1), (3, 5), (6, 0)])
def test_spike_dataloader(cfg, scale, interval, offset):
    rng = np.random.default_rng(2)
    samples = [(rng.integers(1, 9, (2, 4)) * scale, k + 1.5) for k in range(3)]
    loader, steps = SpikeDataloader(dataset=samples, interval=interval, offset=offset), 40
    data, truth = Sink(shape=(2,), buffer=steps), Sink(shape=(1,), buffer=steps)
    loader.s_out.connect(data.a_in)
    loader.ground_truth.connect(truth.a_in)
    with loader:
        loader.run(RunSteps(17), cfg)
        loader.run(RunSteps(steps - 17))
        got, truths = data.data.get(), truth.data.get()
    current, column, label, following = None, 0, 0, 0
    for t in range(1, steps + 1):
        expected = [0, 0]
        if current is not None and column < 4:
            expected = current[:, column].tolist()
        column += 1
        assert got[:, t - 1].tolist() == expected, t
        assert truths[0, t - 1] == (int(label) if cfg is FIXED else label)  # a sink of integers truncates
        if (t - 1) % interval == offset % interval:
            current, label = samples[following % 3]
            following, column = following + 1, 0


def test_state_dataloader():
    samples = [(np.array([5, -6]), np.array([1, 2, 3])), (np.array([70, 80]), np.array([4, 5, 6]))]
    lif, loader = LIF(shape=(2,), vth=100), StateDataloader(dataset=samples, interval=3, offset=1)
    loader.connect_var(lif.v)
    truth = Sink(shape=(3,), buffer=8)
    loader.ground_truth.connect(truth.a_in)
    monitor = Monitor()
    monitor.probe(lif.v, 8)
    lif.name = "lif"
    with lif:
        lif.run(RunSteps(8), FIXED)
        recorded = [lif.v.get().tolist(), truth.data.get().T.tolist()]
        assert monitor.get_data()["lif"]["v"][:5].tolist()[-1] == [5, -6]
    first, second = [1, 2, 3], [4, 5, 6]
    assert recorded[1] == [[0, 0, 0]] * 2 + [first] * 3 + [second] * 3
    assert recorded[0] == [5, -6]  # loaded in the eighth step, the data set begins anew


def test_data_sets_that_are_refused():
    with pytest.raises(TypeError, match="dataset needs a length and an index, got generator"):
        SpikeDataloader(dataset=(x for x in []))
    with pytest.raises(ValueError, match="dataset is empty"):
        StateDataloader(dataset=[])
    with pytest.raises(ValueError, match="needs an axis for time"):
        SpikeDataloader(dataset=[(3, 1)])


def test_the_user_keeps_his_data_set():
    samples = [(np.ones((1, 2)), 1)]
    loader, sink = SpikeDataloader(dataset=samples, interval=2), Sink(shape=(1,), buffer=5)
    loader.s_out.connect(sink.a_in)
    with loader:
        loader.create_runtime(FIXED)
        samples[0][0][:] = 9
        loader.run(RunSteps(5))
        assert sink.data.get().tolist() == [[0, 1, 1, 1, 1]]


def encoded(values, vth, exp, bits):
    """What a delta encoder computes in each step, in Python's integers."""
    act = residue = 0
    sent = []
    for value in values:
        x = value << exp
        delta = x - act + residue
        out = delta if abs(delta) >= int(vth * 2**exp) else 0
        if bits is not None:
            out = min(max(out, -(2 ** (bits - 1)) << exp), (2 ** (bits - 1) - 1) << exp)
        residue, act = delta - out, x
        sent.append(out)
    return sent


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    st.lists(st.integers(-(2**31), 2**31 - 1) | st.integers(-50, 50), min_size=1, max_size=10),
    st.integers(0, 60) | st.floats(0, 20).map(lambda x: round(x, 2)),
    st.integers(0, 8),
    st.none() | st.integers(1, 9),
)
def test_delta_encoder(values, vth, exp, bits):
    steps = len(values) + 1
    encoder = DeltaEncoder(shape=(1,), vth=vth, spike_exp=exp, num_bits=bits)
    source, sink = Source(data=np.array([[*values, 0]])), Sink(shape=(1,), buffer=steps)
    source.s_out.connect(encoder.a_in)
    encoder.s_out.connect(sink.a_in)
    with encoder:
        encoder.run(RunSteps(steps), FIXED)
        got = sink.data.get()[0].tolist()
    assert got == [0, *((x + 2**31) % 2**32 - 2**31 for x in encoded(values, vth, exp, bits))]


class SparseSink(AbstractProcess):
    """Keeps sparse messages."""

    def __init__(self, shape, kept):
        super().__init__(kept=lambda pair: kept.append(pair))
        self.a_in = InPort(shape)


@implements(proc=SparseSink, protocol=LoihiProtocol)
class SparseSinkModel(PyLoihiProcessModel):
    a_in = LavaPyType(PyInPort.VEC_SPARSE, np.int32)

    def run_spk(self):
        data, index = self.a_in.recv()
        self.proc_params["kept"]((data.tolist(), index.tolist()))


def signed(word):
    return (word + 2**31) % 2**32 - 2**31


def words(values):
    """Bytes in words, as the format says."""
    padded = [v & 0xFF for v in values] + [0] * (-len(values) % 4)
    return [
        signed(sum(b << 8 * k for k, b in enumerate(padded[i : i + 4]))) for i in range(0, len(padded), 4)
    ]


@pytest.mark.parametrize("compression", [c for c in Compression if c is not Compression.DENSE])
def test_sparse_encoder(compression):
    kept, shape, steps = [], (3, 4), 6
    rng = np.random.default_rng(8)
    data = rng.integers(-20, 20, (*shape, steps)) * (rng.random((*shape, steps)) < 0.5)
    data[..., 3] = data[..., 2]  # a step without any change
    encoder = DeltaEncoder(shape=shape, vth=9, num_bits=8, compression=compression)
    source, sink = Source(data=data), SparseSink(shape, kept)
    source.s_out.connect(encoder.a_in)
    encoder.s_out.connect(sink.a_in)
    with encoder:
        encoder.run(RunSteps(steps), FIXED)
    assert encoder.model_class is PyDeltaEncoderModelSparse
    series = [encoded([int(x) for x in data[k]], 9, 0, 8) for k in np.ndindex(shape)]
    assert kept[0] == ([0], [0])
    for step in range(steps - 1):
        values = [s[step] for s in series]
        places = [k for k, v in enumerate(values) if v] or [0]
        expected = ([values[k] for k in places], places)
        if compression is Compression.PACKED_4:
            packed = words(values + [0] * (-len(values) % 8))
            expected = (packed[0::2], packed[1::2])
        elif compression is Compression.DELTA_SPARSE_8:
            gaps = [b - a - 1 for a, b in zip([-1, *places], places, strict=False)]
            expected = (words(expected[0]), words(gaps))
        assert kept[step + 1] == expected


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
def test_the_model_of_the_encoder_follows_from_its_compression():
    for cfg in (Loihi2SimCfg(), FIXED, HwRunCfg(device="golden")):
        for compression in Compression:
            encoder = DeltaEncoder(shape=(1,), vth=1, compression=compression)
            with encoder:
                encoder.create_runtime(cfg)
                dense = compression is Compression.DENSE
                assert encoder.model_class is (
                    PyDeltaEncoderModelDense if dense else PyDeltaEncoderModelSparse
                )
    encoder = DeltaEncoder(shape=(1,), vth=1, compression=Compression.SPARSE)
    with pytest.raises(RuntimeError, match="sends DENSE, but the encoder's compression is SPARSE"):
        encoder.create_runtime(Loihi2SimCfg(exception_proc_model_map={encoder: PyDeltaEncoderModelDense}))


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"spike_exp": -1}, ValueError, "spike_exp must not be negative"),
        ({"num_bits": 0}, ValueError, "num_bits must be at least 1"),
        ({"compression": 1}, TypeError, "compression must be a Compression"),
    ],
)
def test_encoders_that_are_refused(kwargs, error, message):
    with pytest.raises(error, match=message):
        DeltaEncoder(shape=(1,), vth=1, **kwargs)


@SETTINGS
@given(st.lists(st.integers(-128, 127), max_size=30))
def test_bytes_in_words(values):
    assert pack_bytes(np.array(values, dtype=np.int64)).tolist() == words(values)
    if values:
        eights = words(values + [0] * (-len(values) % 8))
        data, index = pack_dense(np.array(values))
        assert (data.tolist(), index.tolist()) == (eights[0::2], eights[1::2])


@SETTINGS
@given(
    st.dictionaries(
        st.integers(0, 200_000) | st.integers(250, 260) | st.integers(0, 9), st.integers(-128, 127)
    )
)
def test_distances(entries):
    """Any gaps, also those that need skips, come out as they went in."""
    size = max(entries, default=0) + 1
    values = np.zeros(size, np.int64)
    for place, value in entries.items():
        values[place] = value
    data, index = pack_distances(values)
    assert data.dtype == index.dtype == np.int32
    assert len(data) == len(index)
    got, places = unpack_distances(data, index)
    kept = sorted((k, v & 0xFF) for k, v in entries.items() if v)
    assert list(zip(places.tolist(), got.tolist(), strict=True)) == kept
    flat, where = sparse(values)
    assert list(zip(where.tolist(), (flat & 0xFF).tolist(), strict=True)) == (kept or [(0, 0)])


def test_distances_byte_by_byte():
    values = np.zeros(255 * 255 * 2 + 1000, np.int64)
    values[[3, 4, 4 + 256, 4 + 256 + 255 * 255 * 1 + 1 + 7]] = [1, -1, 5, 6]
    data, index = pack_distances(values)
    pairs = list(zip(data.view(np.uint8).tolist(), index.view(np.uint8).tolist(), strict=True))
    # distances 3, 0, 255, 255 * 255 + 7
    assert pairs[:8] == [(1, 3), (255, 0), (1, 255), (5, 0), (255, 255), (0, 255), (6, 7), (0, 0)]
