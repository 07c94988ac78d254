"""A run that goes past the buffer of a Source, Sink or Read says so; what is computed is as in Lava."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from lava_hw import Loihi2SimCfg, Read, RunContinuous, RunSteps, Sigma, Sink, Source, run_samples
from lava_hw.errors import BufferWrapsWarning
from tests.runtime.guards import Counting

FIXED = {"select_tag": "fixed_pt"}
pytestmark = pytest.mark.filterwarnings("error::lava_hw.errors.BufferWrapsWarning")


class Net:
    """Source, Sigma, Sink, and a Read of sigma every second step."""

    def __init__(self, columns: int, buffer: int, values: int = 100) -> None:
        self.source = Source(data=np.arange(1, columns + 1)[None], name="source")
        self.sigma = Sigma(shape=(1,))
        self.sink = Sink(shape=(1,), buffer=buffer, name="sink")
        self.read = Read(buffer=values, interval=2, offset=1, name="read")
        self.read.connect_var(self.sigma.sigma)
        self.source.s_out.connect([self.sigma.a_in, self.sink.a_in])


def test_source_sink_and_read_warn_once_a_run_each() -> None:
    net = Net(4, 3, values=2)
    with net.sigma:
        with pytest.warns(BufferWrapsWarning) as given:
            net.sigma.run(RunSteps(num_steps=6), Loihi2SimCfg(**FIXED))
        goes = "and the run of 6 steps goes past the last one:"
        lost = "the oldest values are overwritten. Make it larger, or run no further before it is read."
        assert [str(w.message) for w in given] == [
            f"'source' has data of 4 columns, {goes} its data is sent again from the first column on. Give a "
            "column for each step, or run no further.",
            f"'sink' has a buffer of 3 columns, {goes} {lost}",
            f"'read' has a buffer of 2 columns, {goes} {lost}",
        ]
        assert all(w.filename == __file__ for w in given)
        # As in Lava.
        assert net.sink.data.get().tolist() == [[4, 1, 2]]
        assert net.read.data.get().tolist() == [[13, 10]]


def test_what_fits_is_silent() -> None:
    """Whole buffers, one after the other; a Source of one column; a run without an end."""
    net = Net(6, 6, values=3)
    with net.sigma:
        net.sigma.run(RunSteps(num_steps=6), Loihi2SimCfg(**FIXED))
        net.sigma.run(RunSteps(num_steps=4))
        net.sigma.run(RunSteps(num_steps=2))
        with pytest.warns(BufferWrapsWarning, match="run of 7 steps"):
            net.sigma.run(RunSteps(num_steps=7))
        # Step 19 is the last of them, so that a run of 6 goes past the end, and one of 5 does not.
        net.sigma.run(RunSteps(num_steps=5))
        net.sigma.run(RunContinuous())
        net.sigma.pause()
    constant = Net(1, 50)
    with constant.sigma:
        constant.sigma.run(RunSteps(num_steps=50), Loihi2SimCfg(**FIXED))


def test_strict_is_an_error_before_the_run_starts() -> None:
    net = Net(5, 50)
    with net.sigma:
        net.sigma.create_runtime(Loihi2SimCfg(**FIXED, strict=True))
        with pytest.raises(BufferWrapsWarning, match="'source' has data of 5 columns"):
            net.sigma.run(RunSteps(num_steps=6))
        assert net.sigma.runtime.num_steps == 0  # type: ignore[union-attr]
        net.sigma.run(RunSteps(num_steps=5))
        assert net.sink.data.get()[0, :5].tolist() == [1, 2, 3, 4, 5]


def test_run_samples_makes_room() -> None:
    """Also where data and buffer of the network are shorter than a sample."""
    net = Net(2, 2)
    with net.sigma:
        samples = np.arange(24).reshape(3, 1, 8)
        answers = run_samples(net.sigma, samples, 8, Loihi2SimCfg(**FIXED))
        assert np.array_equal(answers, samples)
        # A reset brings the short ones back.
        net.sigma.runtime.reset()  # type: ignore[union-attr]
        with pytest.warns(BufferWrapsWarning) as given:
            net.sigma.run(RunSteps(num_steps=8))
        assert [str(w.message).split(",")[0] for w in given] == [
            "'source' has data of 2 columns",
            "'sink' has a buffer of 2 columns",
        ]


def test_other_processes_have_no_buffer() -> None:
    alone = Counting("nnn")
    other = Counting("nnn")
    alone.s_out.connect(other.a_in)
    other.s_out.connect(alone.a_in)
    with alone, warnings.catch_warnings():
        warnings.simplefilter("error")
        alone.run(RunSteps(num_steps=200), Loihi2SimCfg())
