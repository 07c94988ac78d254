"""Models: how a process is computed, as often as one likes.

    python examples/tutorial/models.py

A model is a class that says by decorators which process it is for, in which protocol it takes part, and what
it needs. It declares a type for each port and each Var of its process, and defines the phases of a step.
Here one process, a running mean, has a model in floating point and one in integers; tags tell them apart, and
the run configuration chooses.
"""

from __future__ import annotations

import numpy as np

from lava_hw import (
    CPU,
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunConfig,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
    requires,
    tag,
)


class Mean(AbstractProcess):
    """mean(t) = mean(t - 1) + (a_in(t) - mean(t - 1)) / 2^shift, sent in every step."""

    def __init__(self, shape: tuple[int, ...], shift: int) -> None:
        super().__init__(shift=shift)
        self.a_in = InPort(shape=shape)
        self.mean_out = OutPort(shape=shape)
        self.mean = Var(shape=shape, init=0)


@implements(proc=Mean, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class FloatMean(PyLoihiProcessModel):
    """With fractions."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    mean_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    mean: np.ndarray = LavaPyType(np.ndarray, float)

    def run_spk(self) -> None:
        """The spiking phase: take the messages of this step, compute, send."""
        self.mean += (self.a_in.recv() - self.mean) / 2 ** self.proc_params["shift"]
        self.mean_out.send(self.mean)


@implements(proc=Mean, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class FixedMean(PyLoihiProcessModel):
    """With whole numbers, by a shift as hardware does it. What is shifted out is lost."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    mean_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    mean: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """The spiking phase."""
        self.mean += (self.a_in.recv() - self.mean) >> self.proc_params["shift"]
        self.mean_out.send(self.mean)


def run(run_cfg: RunConfig, steps: int = 12) -> tuple[str, np.ndarray]:
    """Run one; give the model that was chosen, and what it sent."""
    source, mean, sink = Source(data=[[100] * steps]), Mean((1,), shift=2), Sink(shape=(1,), buffer=steps)
    source.s_out.connect(mean.a_in)
    mean.mean_out.connect(sink.a_in)
    with mean:
        mean.run(RunSteps(steps), run_cfg=run_cfg)
        return mean.model_class.__name__, sink.data.get()[0]


class Printing(Loihi2SimCfg):
    """A run configuration of one's own: it sees every choice."""

    def select(self, process, proc_models):
        """Choose as the parent does, and say so."""
        chosen = super().select(process, proc_models)
        print(f"  {type(process).__name__}: {chosen.__name__} of {[m.__name__ for m in proc_models]}")
        return chosen


def main() -> None:
    """Choose by a tag, by the order of definition, by name."""
    print("choices of a run configuration:")
    columns = [run(Printing(select_tag="fixed_pt"))]
    columns.append(run(Loihi2SimCfg()))  # without a tag: the model that is defined first
    # One process by name, the others by the tag: so the sink takes whole numbers of what it gets.
    columns.append(run(Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={Mean: FloatMean})))
    print("step" + "".join(f"{name:>12}" for name, _ in columns))
    for step, row in enumerate(zip(*(values for _, values in columns), strict=True), start=1):
        print(f"{step:4}" + "".join(f"{value:12.3f}" for value in row))


if __name__ == "__main__":
    main()
