"""The examples on the RTL, checked build, at both widths: equal to the run in Python."""

import numpy as np
import pytest

pytestmark = [pytest.mark.rtl, pytest.mark.slow]


@pytest.fixture(params=["test8", "test32"])
def chip(request) -> str:
    return request.param


def run_cfg(chip: str, **placement: int):
    from lava_hw import HwRunCfg

    return HwRunCfg(device="verilator", chip=chip, build="checked", placement=placement)


def test_closed_loop(chip) -> None:
    import closed_loop

    from lava_hw import Loihi2SimCfg

    kicks = {60: 1.5}
    expected, _ = closed_loop.run_loop(150, Loihi2SimCfg(select_tag="fixed_pt"), kicks)
    got, _ = closed_loop.run_loop(150, run_cfg(chip, controller=1), kicks)
    assert expected["pendulum.spikes"].sum() > 100
    for name, value in expected.items():
        assert np.array_equal(got[name], value), name


def test_digits(chip, split, setting, converted) -> None:
    from digits.references import classify_all, count_differences, observe, run_config

    images = split.held_out_images[:3]
    cfg = run_cfg(chip, hidden=0, output=9)
    expected = classify_all(converted, setting, images, run_config("python", chip))
    got = classify_all(converted, setting, images, cfg)
    assert expected.rasters.any()
    assert np.array_equal(got.rasters, expected.rasters)
    assert got.chip["cycles"] > 0
    assert got.total("synops") == operations(converted, setting, images)
    seen = [observe(converted, setting, images[:2], c) for c in (run_config("python", chip), cfg)]
    assert not any(count_differences(*seen).values())


@pytest.mark.parametrize("kind", ["sigma-delta", "spiking"])
def test_convolutions(chip, kind, split, nets) -> None:
    from digits.references import count_differences, run_config
    from trained.references import classify_all, observe

    net, images = nets[kind], split.held_out_images[:3]
    cfg = run_cfg(chip, hidden=9)
    runs = [classify_all(net, images, c) for c in (run_config("python", chip), cfg)]
    assert runs[0].rasters.any()
    assert np.array_equal(runs[1].rasters, runs[0].rasters)
    assert runs[1].chip["cycles"] > 0
    seen = [observe(net, images[:2], c) for c in (run_config("python", chip), cfg)]
    assert not any(count_differences(*seen).values())


def test_recurrent(chip, recurrent) -> None:
    from digits.references import count_differences, run_config
    from trained.references import classify_all, observe

    net, samples = recurrent
    cfg = run_cfg(chip, hidden=1, output=8)
    runs = [classify_all(net, samples[:4], c) for c in (run_config("python", chip), cfg)]
    assert runs[0].rasters.any()
    assert np.array_equal(runs[1].rasters, runs[0].rasters)
    seen = [observe(net, samples[:1], c) for c in (run_config("python", chip), cfg)]
    assert not any(count_differences(*seen).values())


def operations(converted, setting, images) -> int:
    """Synaptic operations by the spikes of the network in plain numpy."""
    from digits.data import encode

    from lava_hw.utils.lif_network import simulate

    pixels = encode(images, setting.shown)
    traces = simulate(converted, {"pixels": pixels}, setting.steps)
    sent = {"pixels": pixels, **{name: trace.spikes for name, trace in traces.items()}}
    return sum(int(np.count_nonzero(sent[s])) * layer.size for layer in converted for s in layer.inputs)
