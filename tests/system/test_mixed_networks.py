"""Any cut of a network between Python and the chip gives the answers that Python alone gives.

Networks are drawn: neurons of all kinds that the chip has, linked in the same step (values and spikes,
several into one port) and through connections, and what is kept in Python is drawn, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    CPU,
    AbstractProcess,
    Dense,
    HwRunCfg,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    Sink,
    Source,
    Sparse,
    implements,
    requires,
)
from lava_hw.graph.discover import find_models
from lava_hw.graph.reasons import chip_models
from lava_hw.proc.integrate.process import LeakyIntegrator
from lava_hw.proc.lif.process import LIF, TernaryLIF
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.sdn.process import Delta, Sigma
from tests.system.populations import KINDS

# Numbers go beyond what Loihi has, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

STEPS = 13
PYTHON = Loihi2SimCfg(select_tag="fixed_pt")
# A number of no neuron is an error of PrototypeLIF in Python.
CLOSED = {("PrototypeLIF", "a_third_factor_in")}
Array = np.ndarray[Any, Any]


@dataclass
class Network:
    """Processes of a drawn network; `cells` are all but sources and sinks."""

    cells: list[Any]
    sinks: dict[str, Any]

    def answers(self, cfg: Any) -> dict[str, Array]:
        """All that was sent, and the Vars at the end of two runs."""
        main = self.cells[0]
        main.create_runtime(cfg)
        try:
            main.run(RunSteps(5))
            main.run(RunSteps(STEPS - 5))
            found = {name: np.array(sink.data.get()) for name, sink in self.sinks.items()}
            for k, cell in enumerate(self.cells):
                for var in cell.vars:
                    value = var.get()
                    found[f"{k} {type(cell).__name__}.{var.name}"] = np.asarray(
                        value.toarray() if hasattr(value, "toarray") else value
                    )
            return found
        finally:
            main.stop()


def drawn(seed: int) -> Network:
    """A network of four to seven populations; the same seed gives the same one."""
    r = np.random.default_rng([13, seed])
    size = int(r.choice([5, 33, 37]))
    shape = (size,)
    names = [str(name) for name in r.choice(sorted(KINDS), r.integers(4, 8))]
    neurons = [KINDS[name].make(r, True, shape) for name in names]
    sources = [
        Source(data=r.integers(-40, 90, (size, STEPS)) * (r.random((size, STEPS)) < 0.4)) for _ in range(2)
    ]
    binary = Source(data=(r.random((size, STEPS)) < 0.3).astype(int))
    cells = list(neurons)
    for k, (name, neuron) in enumerate(zip(names, neurons, strict=True)):
        for port in KINDS[name].inputs:
            if (name, port) in CLOSED:
                continue
            target = getattr(neuron, port)
            before = [out for other in neurons[:k] for out in other.out_ports]
            ways = int(r.integers(1, 4)) if before else 1
            chosen = r.permutation(len(before))[:ways]
            for number in chosen:
                if r.random() < 0.5:
                    before[number].connect(target)
                    continue
                cells.append(connection(r, before[number], target))
            if r.random() < 0.6 or not len(chosen):
                sources[r.integers(2)].s_out.connect(target)
            if r.random() < 0.3:
                cells.append(connection(r, binary.s_out, target))
    # Loops are closed by connections only: what acts in the same step cannot be one.
    last, first = int(r.integers(1, len(neurons))), int(r.integers(len(neurons)))
    ports = [port for port in KINDS[names[first]].inputs if (names[first], port) not in CLOSED]
    if ports:
        target = getattr(neurons[first], str(r.choice(ports)))
        cells.append(connection(r, neurons[last].s_out, target))
    # It gets everything, so that this is one network.
    sinks = {"all": Sink(shape=shape, buffer=STEPS)}
    for k, neuron in enumerate(neurons):
        for port in neuron.out_ports:
            port.connect(sinks["all"].a_in)
            sinks[f"{k} {names[k]}.{port.name}"] = sink = Sink(shape=shape, buffer=STEPS)
            port.connect(sink.a_in)
    return Network(cells, sinks)


def connection(r: np.random.Generator, out: Any, target: Any) -> Any:
    """A connection with an exponent of its own; some take values, and some have no chip model."""
    weights = r.integers(-9, 12, (target.size, out.size)) * (r.random((target.size, out.size)) < 0.4)
    given = {"weight_exp": int(r.integers(-3, 4)), "num_message_bits": int(r.choice([0, 0, 24]))}
    found = (Sparse if r.random() < 0.2 else Dense)(weights=weights, **given)
    out.connect(found.s_in)
    found.a_out.connect(target)
    return found


def kept_in_python(network: Network, seed: int) -> dict[Any, Any]:
    """The models of those that are cut off: none, some, or all but one."""
    r = np.random.default_rng([14, seed])
    part = r.choice([0.0, 0.3, 0.6])
    kept = {cell for cell in network.cells if r.random() < part}
    if all(cell in kept or not chip_models(type(cell)) for cell in network.cells):
        kept.discard(network.cells[0])
    return {cell: PYTHON.select(cell, find_models(type(cell))) for cell in kept}


def compare(seed: int, device: str, chip: str) -> dict[str, Array]:
    """Hold a cut of a network equal to Python; what Python gave."""
    wanted = drawn(seed).answers(PYTHON)
    network = drawn(seed)
    kept = kept_in_python(network, seed)
    cfg = HwRunCfg(
        device=device,
        chip=chip,
        build="checked",
        unfit="python",
        exception_proc_model_map=kept,
        require_chip=[
            cell for cell in network.cells if cell not in kept and type(cell) not in (Dense, Sparse)
        ],
    )
    got = network.answers(cfg)
    assert got.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(got[name], value, f"seed {seed}: {name}")
    return wanted


def test_cuts_on_golden() -> None:
    sent = 0
    for seed in range(24):
        wanted = compare(seed, "golden", ("test8", "test32")[seed % 2])
        sent += any(value.any() for name, value in wanted.items() if name.endswith("_out"))
    assert sent > 20


@pytest.mark.rtl
@pytest.mark.parametrize("chip", ["test8", "test32"])
def test_cuts_on_the_rtl(chip: str) -> None:
    for seed in range(24, 30):
        compare(seed, "verilator", chip)


def _both(make: Any, device: str) -> Array:
    """What Python and a device sent, which must be the same."""
    found = []
    for cfg in (PYTHON, HwRunCfg(device=device, chip="test8", build="checked")):
        cell, sink = make()
        with cell:
            cell.run(RunSteps(STEPS), cfg)
            found.append(np.array(sink.data.get()))
    np.testing.assert_array_equal(found[1], found[0])
    return found[0]


def _sink(cell: Any) -> tuple[Any, Any]:
    sink = Sink(shape=cell.s_out.shape, buffer=STEPS)
    cell.s_out.connect(sink.a_in)
    return cell, sink


EXTREMES = np.array([0, 1, -1, 2**23, 2**30, 2**31 - 1, -(2**31), 1 - 2**31])


@pytest.mark.parametrize("device", ["golden", "verilator"])
def test_values_of_32_bits_go_in_and_out(device: str) -> None:
    """From Python into a chip neuron, on to another one, and back, all in the same step."""

    def make() -> tuple[Any, Any]:
        r = np.random.default_rng(3)
        source = Source(data=r.choice(EXTREMES, (37, STEPS)))
        first, second = Sigma(shape=(37,)), Delta(shape=(37,), vth=2)
        source.s_out.connect(first.a_in)
        first.s_out.connect(second.a_in)
        return _sink(second)

    assert np.abs(_both(make, device)).max() > 2**30


@pytest.mark.parametrize("device", ["golden", "verilator"])
def test_connections_of_all_exponents_meet_in_one_port(device: str) -> None:
    """Sums are shifted one by one, before they are added to each other and to values of the same step."""

    def make() -> tuple[Any, Any]:
        r = np.random.default_rng(4)
        product = ProdNeuron(shape=(37,), vth=0, exp=2)
        for port in (product.a_in1, product.a_in2):
            for exponent in (-7, -3, -1, 0, 2):
                source = Source(data=r.integers(0, 2, (20, STEPS)))
                dense = Dense(weights=r.integers(-128, 128, (37, 20)), weight_exp=exponent)
                source.s_out.connect(dense.s_in)
                dense.a_out.connect(port)
            Source(data=r.integers(-99, 99, (37, STEPS))).s_out.connect(port)
        return _sink(product)

    assert np.any(_both(make, device))


def into_a_port(source: Any, process: Any) -> Any:
    """A population that a source feeds in the same step."""
    source.connect(process.a_in)
    return process


@pytest.mark.parametrize(
    ("value", "reason"),
    [(2**31, "2147483648"), (-(2**31) - 1, "-2147483649"), (2**40, "1099511627776")],
)
def test_values_beyond_32_bits_are_refused(value: int, reason: str) -> None:
    """A 64-bit message from Python is not cut off on its way into a port of the chip."""
    spiker = KINDS["Spiker"].cls(shape=(3,), period=2, payload=value)
    sigma = into_a_port(spiker.s_out, Sigma(shape=(3,)))
    with pytest.raises(ValueError, match=rf"{reason}"):
        try:
            sigma.run(RunSteps(4), HwRunCfg(device="golden", chip="test8"))
        finally:
            sigma.stop()


class Halves(AbstractProcess):
    """Sends fractions."""

    def __init__(self) -> None:
        super().__init__()
        self.s_out = OutPort((3,))


@implements(proc=Halves, protocol=LoihiProtocol)
@requires(CPU)
class PyHalves(PyLoihiProcessModel):
    """See `Halves`."""

    s_out = LavaPyType(PyOutPort.VEC_DENSE, float)

    def run_spk(self) -> None:
        """One step."""
        self.s_out.send(np.full(3, self.time_step * 0.5))


def test_fractions_are_refused() -> None:
    source = Halves()
    sigma = into_a_port(source.s_out, Sigma(shape=(3,)))
    with pytest.raises(ValueError, match=r"0\.5"):
        try:
            sigma.run(RunSteps(4), HwRunCfg(device="golden", chip="test8"))
        finally:
            sigma.stop()


@pytest.mark.parametrize(
    "make",
    [lambda: Sigma(shape=(40,)), lambda: TernaryLIF(shape=(40,)), lambda: LeakyIntegrator(shape=(40,))],
)
@pytest.mark.parametrize("device", ["golden", "verilator"])
def test_values_in_another_order_are_led_there(make: Any, device: str) -> None:
    """Values, and spikes of both signs: they do not count once, as spikes of one sign do."""

    def network() -> tuple[Any, Any]:
        cell, target = make(), Sigma(shape=(40,))
        data = np.random.default_rng(5).choice([*EXTREMES, *range(-9, 10)], (40, STEPS))
        Source(data=data).s_out.connect(cell.a_in)
        cell.s_out.reshape((5, 8)).transpose().flatten().connect(target.a_in)
        return _sink(target)

    found = _both(network, device)
    assert np.any(found < 0)
    assert len(np.unique(found)) > 2


def test_spikes_in_another_order_are_led_there() -> None:
    def make() -> tuple[Any, Any]:
        cell, target = LIF(shape=(40,), vth=3, du=500), Sigma(shape=(40,))
        data = np.random.default_rng(6).integers(-40, 90, (40, STEPS))
        Source(data=data).s_out.connect(cell.a_in)
        cell.s_out.reshape((5, 8)).transpose().flatten().connect(target.a_in)
        return _sink(target)

    assert np.any(_both(make, "golden"))
