"""Loaders of data sets: a sample every few steps (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyOutPort, PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import OutPort, RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

__all__ = [
    "AbstractDataloader",
    "AbstractPyDataloaderModel",
    "AbstractPySpikeDataloaderModel",
    "AbstractPyStateDataloaderModel",
    "PySpikeModelFixed",
    "PySpikeModelFloat",
    "PyStateModelFixed",
    "PyStateModelFloat",
    "SpikeDataloader",
    "StateDataloader",
]

Array = npt.NDArray[Any]


class AbstractDataloader(AbstractProcess):
    """Common part of the loaders.

    A sample is loaded at the end of a step with (t - 1) % interval == offset % interval: the first one when
    t - 1 is `offset` (modulo the interval); after the last one the first one follows. The port `ground_truth`
    sends 0 until then, later what belongs to the sample.

    Parameters
    ----------
    gt_shape : tuple of int
        Shape of the ground truth.
    dataset : sequence
        `dataset[k]` is (sample, ground truth), `len(dataset)` their number. Models get a copy of it.
    interval : int, default 1
        Steps from one sample to the next.
    offset : int, default 0
        Step of the first sample, from 0.

    Raises
    ------
    TypeError
        If the data set has no length or cannot be indexed.
    ValueError
        If it is empty, or `interval` is below 1.
    """

    var_ranges = table({name: VarRange("int64") for name in ("interval", "offset")})

    def __init__(self, gt_shape: tuple[int, ...], dataset: Any, interval: int = 1, offset: int = 0) -> None:
        if interval < 1:
            raise ValueError(f"{type(self).__name__}: interval must be at least 1, got {interval}.")
        super().__init__(gt_shape=gt_shape, dataset=dataset, interval=interval, offset=offset)
        self.interval = Var((1,), interval)
        self.offset = Var((1,), offset % interval)
        self.ground_truth = OutPort(shape=gt_shape)
        self.proc_params["saved_dataset"] = dataset


def _first(kind: str, dataset: Any) -> tuple[Array, tuple[int, ...]]:
    """The first sample, and the shape of its ground truth."""
    if not (hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")):
        raise TypeError(f"{kind}: dataset needs a length and an index, got {type(dataset).__name__}.")
    if len(dataset) == 0:
        raise ValueError(f"{kind}: dataset is empty.")
    sample, truth = dataset[0]
    return np.asarray(sample), np.shape(truth) or (1,)


@requires(CPU)
class AbstractPyDataloaderModel(PyLoihiProcessModel):
    """Common part of the models of the loaders."""

    ground_truth: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    interval: Any = LavaPyType(np.ndarray, int)
    offset: Any = LavaPyType(np.ndarray, int)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.sample_id = 0
        self.ground_truth_state: Any = 0
        self.dataset = self.proc_params["saved_dataset"]

    def ground_truth_array(self) -> Array:
        """What belongs to the present sample."""
        truth = np.asarray(self.ground_truth_state)
        return truth if truth.shape == self.ground_truth.shape else np.full(self.ground_truth.shape, truth)

    def post_guard(self) -> bool:
        """Whether a sample is due."""
        return bool((self.time_step - 1) % self.interval.item() == self.offset.item())

    def load(self) -> Array:
        """The next sample."""
        sample, self.ground_truth_state = self.dataset[self.sample_id]
        self.sample_id = (self.sample_id + 1) % len(self.dataset)
        return np.asarray(sample)


class StateDataloader(AbstractDataloader):
    """Writes a sample into a Var of another process every few steps; `connect_var` says which.

    See AbstractDataloader for the times: the step after one with (t - 1) % interval == offset % interval
    starts from the sample.

    Parameters
    ----------
    dataset : sequence
        `dataset[k]` is (sample, ground truth); a sample has the shape of the Var.
    interval, offset : int
        See AbstractDataloader.
    """

    def __init__(self, *, dataset: Any, interval: int = 1, offset: int = 0) -> None:
        sample, gt_shape = _first("StateDataloader", dataset)
        super().__init__(gt_shape, dataset, interval, offset)
        self.state = RefPort(sample.shape)

    def connect_var(self, var: Var) -> None:
        """Say which Var is written."""
        self.state = RefPort(var.shape)
        self.state.connect_var(var)


class AbstractPyStateDataloaderModel(AbstractPyDataloaderModel):
    """Common part of the models of StateDataloader."""

    state: Any = None

    @classmethod
    def writes_integers(cls, proc: AbstractProcess, port: str) -> bool:
        """See AbstractPyProcessModel; decided by the first sample."""
        sample = np.asarray(proc.proc_params["saved_dataset"][0][0])
        return bool(np.all(sample == np.trunc(sample)))

    def run_spk(self) -> None:
        """Send the ground truth."""
        self.ground_truth.send(self.ground_truth_array())

    def run_post_mgmt(self) -> None:
        """Load a sample."""
        self.state.write(self.load())


@implements(proc=StateDataloader, protocol=LoihiProtocol)
@tag("fixed_pt")
class PyStateModelFixed(AbstractPyStateDataloaderModel):
    """StateDataloader of integers."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)


@implements(proc=StateDataloader, protocol=LoihiProtocol)
@tag("floating_pt")
class PyStateModelFloat(AbstractPyStateDataloaderModel):
    """StateDataloader of floats."""

    state: Any = LavaPyType(PyRefPort.VEC_DENSE, float)


class SpikeDataloader(AbstractDataloader):
    """Sends a sample column by column, and takes another every few steps.

    See AbstractDataloader for the times: s_out sends the first column of a sample in the step after one with
    (t - 1) % interval == offset % interval, zeros before the first sample. Columns beyond the interval are
    left out; a sample with fewer columns is followed by zeros.

    Parameters
    ----------
    dataset : sequence
        `dataset[k]` is (sample, ground truth); a sample has the shape of s_out and, as its last axis, time.
    interval, offset : int
        See AbstractDataloader.
    """

    var_ranges = table({**AbstractDataloader.var_ranges, "data": VarRange()})

    def __init__(self, *, dataset: Any, interval: int = 1, offset: int = 0) -> None:
        sample, gt_shape = _first("SpikeDataloader", dataset)
        if sample.ndim < 1:
            raise ValueError("SpikeDataloader: a sample needs an axis for time, got a number.")
        super().__init__(gt_shape, dataset, interval, offset)
        self.data = Var(shape=(*sample.shape[:-1], interval), init=0)
        self.s_out = OutPort(shape=sample.shape[:-1])


class AbstractPySpikeDataloaderModel(AbstractPyDataloaderModel):
    """Common part of the models of SpikeDataloader."""

    s_out: Any = None
    data: Any = None

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.sample_time = 0

    def run_spk(self) -> None:
        """Send a column and the ground truth."""
        self.s_out.send(self.data[..., self.sample_time % self.data.shape[-1]])
        self.ground_truth.send(self.ground_truth_array())
        self.sample_time += 1

    def run_post_mgmt(self) -> None:
        """Load a sample."""
        sample = self.load()
        columns = min(sample.shape[-1], self.data.shape[-1])
        with np.errstate(invalid="ignore"):
            self.data[..., :columns] = sample[..., :columns]
        self.data[..., columns:] = 0
        self.sample_time = 0


@implements(proc=SpikeDataloader, protocol=LoihiProtocol)
@tag("fixed_pt")
class PySpikeModelFixed(AbstractPySpikeDataloaderModel):
    """SpikeDataloader of integers."""

    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    data: Any = LavaPyType(np.ndarray, np.int32)


@implements(proc=SpikeDataloader, protocol=LoihiProtocol)
@tag("floating_pt")
class PySpikeModelFloat(AbstractPySpikeDataloaderModel):
    """SpikeDataloader of floats."""

    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    data: Any = LavaPyType(np.ndarray, float)
