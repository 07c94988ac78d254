"""The excitatory and inhibitory network: what each model computes, and that the chip gives the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lava_hw import HwRunCfg, Loihi2SimCfg

FIXED = Loihi2SimCfg(select_tag="fixed_pt", select_sub_proc_model=True)


def test_the_program(tmp_path, capsys) -> None:
    import ei_network

    assert ei_network.main(["--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "differ between fixed point and chip: 0;" in out
    assert len([line for line in out.splitlines() if line.startswith(("rate", "LIF"))]) == 4
    assert (tmp_path / "ei_network.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.rtl
@pytest.mark.slow
def test_the_program_on_the_rtl(tmp_path) -> None:
    import ei_network

    assert ei_network.main(["--device", "verilator", "--out", str(tmp_path)]) == 0


def test_each_configuration_takes_its_model() -> None:
    from ei.network import EINetwork, RateModel, SpikingFixed, SpikingFloat

    from lava_hw.graph import flatten

    chosen = []
    for run_cfg in (
        Loihi2SimCfg(),
        Loihi2SimCfg(select_tag="floating_pt", select_sub_proc_model=True),
        FIXED,
        HwRunCfg(device="golden"),
    ):
        network = EINetwork()
        flatten(network, run_cfg)
        chosen.append(network.model_class)
    assert chosen == [RateModel, SpikingFloat, SpikingFixed, SpikingFixed]


def test_the_rate_equation_in_plain_python() -> None:
    import ei_network

    spikes = ei_network.stimulus()[:, 140:170]
    found = ei_network.run(spikes, Loihi2SimCfg())
    biases = [0.03 + k * 0.04 / 399 for k in range(400)]
    currents, counts = [0.0, 0.0], [0.0, 0.0]
    for step in range(30):
        assert found[:, step] == pytest.approx(counts, rel=1e-9)
        counts = []
        for current, size in zip(currents, (200, 50), strict=True):
            rates = []
            for bias in biases:
                rest = (current + bias) / 0.04
                rates.append(1 / (math.log(1 - 1 / rest) / math.log(0.96) + 0.5) if rest > 1 else 0)
            counts.append(sum(rates) / 400 * size)
        shared = 0.25 * (0.004 * counts[0] - 0.02 * counts[1])
        arriving = shared + 0.25 * 0.01 * int(spikes[:, step].sum()), shared
        currents = [0.7 * current + new for current, new in zip(currents, arriving, strict=True)]
    assert found[0, -1] > found[0, 5]


def test_one_weight_is_seen_by_the_comparison() -> None:
    """Were the chip's network another one, its counts would differ: so equality says something."""
    import ei_network
    from ei.network import EINetwork

    spikes = ei_network.stimulus()[:, :200]
    counts = ei_network.run(spikes, FIXED)
    original = EINetwork.__init__.__defaults__
    try:
        EINetwork.__init__.__defaults__ = (original[0], original[1], (0.004, 0.0202, 0.01), *original[3:])
        assert not np.array_equal(ei_network.run(spikes, HwRunCfg(device="golden")), counts)
    finally:
        EINetwork.__init__.__defaults__ = original
