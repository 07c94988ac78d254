"""Sparse connections and delays from Python: runs, Vars that are set before and between them, and errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, eye

from lava_hw import (
    LIF,
    DelayDense,
    DelaySparse,
    HwRunCfg,
    Loihi2SimCfg,
    Monitor,
    RunSteps,
    Sink,
    Source,
    Sparse,
)
from lava_hw.cli.main import main
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.errors import UndefinedValueError
from lava_hw.image import Image
from lava_hw.sparse_values import different
from tests.compiler.sparse import delay_dense, delay_sparse, sparse

# Odd weights of both signs, and those beyond 9 bits, are drawn on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

DEVICES = [
    ("golden", "test8"),
    ("golden", "test32"),
    pytest.param("verilator", "test8", marks=pytest.mark.rtl),
    pytest.param("verilator", "test32", marks=pytest.mark.rtl),
]
Record = dict[str, np.ndarray[Any, Any]]


def chip(device: str, name: str) -> HwRunCfg:
    build = "checked" if device == "verilator" else None
    return HwRunCfg(device=device, chip=name, build=build, require_chip=True)


def layers(bits: int, size: int) -> list[Any]:
    """A layer of each kind and shift, into neurons from themselves."""
    given: dict[str, Any] = {"stored_bits": bits, "num_weight_bits": min(bits, 8)}
    return [
        sparse(size, size, 1, weight_exp=-1, **given),
        Sparse(weights=eye(size, dtype=int, format="csr") * 6, **given),
        delay_sparse(size, size, 2, **given),
        delay_sparse(size, size, 3, weight_exp=-2, **given),
        delay_dense(size, size, 4, low=0, high=9, **given),
        delay_dense(size, size, 5, weight_exp=-3, **given),
        sparse(size, size, 6, num_message_bits=8, **given),
        # A delay without a weight is only a number.
        DelaySparse(weights=csr_matrix((size, size), dtype=int), delays=np.eye(size, dtype=int) * 2, **given),
    ]


def changed(rng: np.random.Generator, value: Any, low: int, high: int) -> Any:
    """A random value in the pattern of another one."""
    if hasattr(value, "tocsr"):
        value.data = 2 * rng.integers(low, high, value.nnz)
        return value
    return 2 * rng.integers(low, high, value.shape)


def taken(processes: list[Any]) -> Record:
    found = {}
    for k, process in enumerate(processes):
        for var in process.vars:
            value = var.get()
            found[f"{k} {type(process).__name__}.{var.name}"] = (
                value.toarray() if hasattr(value, "tocsr") else value
            )
    return found


def run(cfg: Any, bits: int) -> list[Record]:
    rng = np.random.default_rng(7)
    source = Source(data=rng.integers(0, 2, (40, 12)))
    graded = Source(data=rng.integers(-(2**31), 2**31, (40, 12)).astype(np.int32))
    cells = LIF(shape=(45,), vth=40, du=900, dv=700, bias_mant=rng.integers(0, 60, 45))
    mine = layers(bits, 45)
    for layer in mine:
        cells.s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
    into = sparse(45, 40, 8, stored_bits=bits, num_weight_bits=min(bits, 8))
    wide = sparse(45, 40, 9, num_message_bits=32, weight_exp=-20, stored_bits=16)
    for origin, layer in ((source, into), (graded, wide)):
        origin.s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
    out = Sink(shape=(45,), buffer=12)
    cells.s_out.connect(out.a_in)
    every = [cells, *mine, into, wide]
    monitor = Monitor()
    monitor.probe(mine[0].weights, 12)
    cells.create_runtime(cfg)
    found = []
    try:
        for steps in (3, 9):
            for layer in every[1:]:
                # Values of 4 bits have no room for others after step 1.
                if bits > 4:
                    layer.weights.set(changed(rng, layer.weights.get(), -60, 60))
                if hasattr(layer, "delays"):
                    layer.delays.set(changed(rng, layer.delays.get(), 0, 2))
            found.append(taken(every))
            cells.run(RunSteps(steps), cfg)
            found.append(taken(every))
        found.append({"out": out.data.get()})
        (seen,) = monitor.get_data().values()
        found.append({"seen": np.asarray(seen["weights"])})
    finally:
        cells.stop()
    return found


@pytest.mark.parametrize(("device", "name"), DEVICES)
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_chip_equals_python(device: str, name: str, bits: int) -> None:
    wanted, got = run(Loihi2SimCfg(select_tag="fixed_pt"), bits), run(chip(device, name), bits)
    assert wanted[-2]["out"].any()
    assert len(wanted) == len(got)
    for k, (theirs, ours) in enumerate(zip(wanted, got, strict=True)):
        assert theirs.keys() == ours.keys()
        for var, value in theirs.items():
            np.testing.assert_array_equal(ours[var], value, err_msg=f"record {k}: {var}")


@pytest.fixture
def network() -> Any:
    """A Sparse of 8 bits and a DelaySparse on golden, after a step."""
    cells = LIF(shape=(9,), vth=3, bias_mant=9)
    weights = csr_matrix(([4, -6, 8], ([0, 0, 5], [2, 7, 8])), shape=(9, 9))
    layer = Sparse(weights=weights, name="layer")
    late = delay_sparse(9, 9, 1, name="late", density=0.5)
    for each in (layer, late):
        cells.s_out.connect(each.s_in)
        each.a_out.connect(cells.a_in)
    cells.run(RunSteps(1), chip("golden", "test8"))
    yield layer, late
    cells.stop()


def test_a_var_keeps_its_pattern(network: Any) -> None:
    """A matrix gets a matrix back; an array that is 0 elsewhere, and a number, are taken as in Python."""
    layer, _ = network
    found = layer.weights.get()
    assert isinstance(found, csr_matrix)
    assert found.nnz == 3
    layer.weights.set(found.toarray() * 2)
    assert layer.weights.get().data.tolist() == [8, -12, 16]
    layer.weights.set(10)
    assert layer.weights.get().data.tolist() == [10, 10, 10]


def _other(layer: Any, late: Any) -> None:
    layer.weights.set(csr_matrix(np.eye(9, dtype=int)))


def _large(layer: Any, late: Any) -> None:
    found = layer.weights.get()
    found.data[2] = 300
    layer.weights.set(found)


def _long(layer: Any, late: Any) -> None:
    found = late.delays.get()
    found.data[3] = 5
    late.delays.set(found)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (_other, ["layer.weights", "the same 3 entries"]),
        (_large, ["layer.weights", "element (5, 8) is 300", "from -256 to 254", "stored_bits=16"]),
        (_long, ["late.delays", "is 5", "0 to 2", "max_delay=5"]),
    ],
)
def test_what_does_not_fit_is_named(network: Any, change: Callable[..., None], parts: list[str]) -> None:
    layer, late = network
    before = taken([layer, late])
    with pytest.raises(ValueError) as caught:
        change(layer, late)
    for part in parts:
        assert part in str(caught.value)
    assert isinstance(caught.value, UndefinedValueError) or change is _other
    for name, value in taken([layer, late]).items():
        np.testing.assert_array_equal(value, before[name])


def test_the_bits_of_the_run_count_for_sparse_connections() -> None:
    """With 16 bits any weight can be set after step 1."""
    cells = LIF(shape=(9,), bias_mant=1)
    layer = Sparse(weights=csr_matrix(np.eye(9, dtype=int)))
    cells.s_out.connect(layer.s_in)
    layer.a_out.connect(cells.a_in)
    with cells:
        cells.run(RunSteps(1), HwRunCfg(device="golden", chip="test8", stored_bits=16, require_chip=True))
        layer.weights.set(-32767)
        assert set(layer.weights.get().data) == {-32767}


def test_delays_that_the_chip_does_not_have_stay_in_python() -> None:
    def spikes(cfg: Any) -> np.ndarray[Any, Any]:
        cells = LIF(shape=(2,), vth=3, bias_mant=1)
        layer = DelayDense(weights=[[9, 0], [0, 9]], delays=[[63, 0], [0, 1]], name="layer")
        sink = Sink(shape=(2,), buffer=70)
        cells.s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
        cells.s_out.connect(sink.a_in)
        with cells:
            cells.run(RunSteps(70), cfg)
            reasons = {p.name: p.reason for p in cells.runtime.flat.processes}
            if isinstance(cfg, HwRunCfg):
                assert "delays of 0 to 62 steps; longer ones stay in Python" in reasons["layer"]
            return sink.data.get()

    wanted = spikes(Loihi2SimCfg(select_tag="fixed_pt"))
    found = spikes(HwRunCfg(device="golden", chip="test8", unfit="python"))
    np.testing.assert_array_equal(found, wanted)


def kept(cfg: Any) -> list[np.ndarray[Any, Any]]:
    """What is there after a reset that keeps weights and delays, and after one that keeps nothing."""
    rng = np.random.default_rng(3)
    cells = LIF(shape=(45,), vth=10, du=900, dv=700, bias_mant=rng.integers(0, 60, 45))
    layer, late = sparse(45, 45, 1, weight_exp=1), delay_sparse(45, 45, 2, weight_exp=-1)
    for each in (layer, late):
        cells.s_out.connect(each.s_in)
        each.a_out.connect(cells.a_in)
    with cells:
        cells.run(RunSteps(5), cfg)
        layer.weights.set(changed(rng, layer.weights.get(), -30, 30))
        late.delays.set(changed(rng, late.delays.get(), 0, 2))
        cells.run(RunSteps(3), cfg)
        cells.runtime.reset(keep=[layer.weights, late.delays, late.weights])
        cells.run(RunSteps(4), cfg)
        first = taken([cells, layer, late])
        cells.runtime.reset()
        return [*first.values(), *taken([layer, late]).values()]


@pytest.mark.parametrize(
    "options",
    [
        {"device": "golden"},
        {"device": "golden", "checkpoint": True},
        pytest.param({"device": "verilator", "build": "checked", "check": "golden"}, marks=pytest.mark.rtl),
    ],
)
def test_resets_checkpoints_and_golden_beside_the_rtl(options: dict[str, Any]) -> None:
    wanted = kept(Loihi2SimCfg(select_tag="fixed_pt"))
    for ours, theirs in zip(kept(HwRunCfg(chip="test8", **options)), wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_differences_of_sparse_values_are_named_by_row_and_column() -> None:
    one = csr_matrix(([4, 0, 8], ([0, 0, 5], [2, 7, 8])), shape=(9, 9))
    two = one.copy()
    assert not len(different(one, two))
    two.data[1:] = [3, 7]
    assert different(one, two).tolist() == [[0, 7], [5, 8]]


def test_images_without_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their sparse Vars are read and written as matrices, stored in files as arrays, and compared."""

    def image(second: int, name: str) -> Path:
        cells = LIF(shape=(9,), vth=3, bias_mant=9, name="cells")
        weights = csr_matrix(([4, second, 8], ([0, 0, 5], [2, 7, 8])), shape=(9, 9))
        layer = Sparse(weights=weights, name="layer")
        cells.s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
        compile_network(cells, "test8").save(tmp_path / name)
        return tmp_path / name

    one, two = image(-6, "one.lhw"), image(-8, "two.lhw")
    with Device.open("golden", "test8") as device:
        device.load(Image.load(one))
        found = device.read("layer.weights")
        assert (found.nnz, found[0, 7]) == (3, -6)
        found.data[1] = -10
        device.write("layer.weights", found)
        device.advance(1)
        assert device.read("layer.weights")[0, 7] == -10
    output = str(tmp_path / "y.npz")
    run_it = ["run", str(one), "--steps", "1", "--device", "golden", "--read", "layer.weights", "-o", output]
    assert main(run_it) == 0
    np.testing.assert_array_equal(np.load(output)["layer.weights"][0], [0, 0, 4, 0, 0, 0, 0, -6, 0])
    assert main(["image", "diff", str(one), str(two)]) != 0
    assert "layer.weights[0, 7]: -6 and -8" in capsys.readouterr().out


def test_a_matrix_that_is_too_large_to_be_dense() -> None:
    """4,000 by 4,000: a dense matrix takes 2 million lines of 8 bytes, and a core has 65,536."""
    size = 4000
    rng = np.random.default_rng(0)
    weights = csr_matrix(
        (2 * rng.integers(-9, 30, 12000), (rng.integers(0, size, 12000), rng.integers(0, size, 12000))),
        shape=(size, size),
    )
    weights.sum_duplicates()

    def spikes(cfg: Any) -> Record:
        cells = LIF(shape=(size,), vth=30, du=4095, dv=400, bias_mant=rng_bias)
        layer = Sparse(weights=weights)
        cells.s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
        with cells:
            cells.run(RunSteps(8), cfg)
            return {"v": cells.v.get(), "sums": layer.a_buff.get(), "weights": layer.weights.get().data}

    rng_bias = rng.integers(0, 400, size)
    wanted = spikes(Loihi2SimCfg(select_tag="fixed_pt"))
    assert wanted["sums"].any()
    for name, value in spikes(chip("golden", "test8")).items():
        np.testing.assert_array_equal(value, wanted[name])
