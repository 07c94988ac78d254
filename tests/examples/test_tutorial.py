"""The scripts of examples/tutorial: each runs alone, and computes what plain Python computes."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(p.stem for p in (EXAMPLES / "tutorial").glob("*.py") if p.stem != "__init__")
FIXED = Loihi2SimCfg(select_tag="fixed_pt")


@pytest.mark.parametrize("script", SCRIPTS)
def test_it_runs_alone(script: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "tutorial" / f"{script}.py")],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(EXAMPLES.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) >= 6
    for picture in re.findall(r"picture: (\S+)", done.stdout):
        assert (tmp_path / picture).read_bytes()[:4] == b"\x89PNG"


def test_readme_lists_every_script() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8").split("## The tutorial")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)\.py` \|", text, re.MULTILINE)) == SCRIPTS


def test_processes(capsys: pytest.CaptureFixture[str]) -> None:
    from tutorial import processes

    processes.main()
    out = capsys.readouterr().out
    rows = re.findall(r"^  (\w+) +(\w+) +shape (\(.*?\))", out, re.MULTILINE)
    assert rows == [
        ("in_ports", "a_in", "(2,)"),
        ("out_ports", "s_out", "(2,)"),
        ("ref_ports", "peer", "(2,)"),
        ("vars", "decay", "(1,)"),
        ("vars", "imag", "(2,)"),
        ("vars", "real", "(2,)"),
        ("vars", "seed", "(1,)"),
    ]
    assert "starts as [-1.0, -1.0]" in out
    assert "are incompatible" in out
    assert "VarNotSharableError" in out
    assert "running: False" in out


def test_models() -> None:
    from tutorial import models

    whole, fraction, wholes, fractions = 0, 0.0, [], []
    for _ in range(12):
        whole += (100 - whole) >> 2
        fraction += (100 - fraction) / 4
        wholes.append(whole)
        fractions.append(fraction)
    fixed, floating = models.run(FIXED), models.run(Loihi2SimCfg())
    assert (fixed[0], fixed[1].tolist()) == ("FixedMean", wholes)
    assert (floating[0], floating[1].tolist()) == ("FloatMean", fractions)


def test_connections(capsys: pytest.CaptureFixture[str]) -> None:
    from tutorial import connections

    a, b = np.arange(6).reshape(2, 3), np.array([[10, 20, 30], [40, 50, 60]])
    connections.main()
    out = capsys.readouterr().out
    for name, expected in {
        "many to one": a + b,
        "reshape": a.reshape(3, 2),
        "flatten": a.ravel(),
        "transpose": a.T,
        "concatenate": np.concatenate([a, b]),
        "two sources through different views": a.T.ravel() + b.ravel(),
    }.items():
        assert re.search(rf"^{name}: *(.*)$", out, re.MULTILINE)[1] == str(expected.tolist())
    assert [row.tolist() for row in connections.one_to_many()] == [[1, 2, 3]] * 2
    assert np.argwhere(connections.loop(16).T).tolist() == [[step, step % 5] for step in range(16)]


def test_running(capsys: pytest.CaptureFixture[str]) -> None:
    from tutorial import running

    running.main()
    out = capsys.readouterr().out
    voltages, spikes, v = [], [], 0
    for step in range(17):
        v = (v * (4096 - 64) >> 12) + (30 << 6 if step < 10 else 0)
        spikes.append(v > 6400)
        v = 0 if spikes[-1] else v
        voltages.append(v)
    u, others, other = 0, [], 0
    for step in range(17):
        u = (u * (4096 - 2049) >> 12) + (40 << 6 if step and spikes[step - 1] else 0)
        other = 0 if other + u > 6400 else other + u
        others.append(other)
    assert f"after 10 steps: v = [{voltages[9]}.], of the other [{others[9]}.]" in out
    assert f"after 17 steps: v = [{voltages[16]}.], of the other [{others[16]}.]" in out
    assert f"threshold 6400: {' '.join(map(str, (voltages[:10] * 2)[:10]))} " in out
    paused, later = map(
        int, re.search(r"paused with v = \[(\d+)\.\]; a step later v = \[(\d+)\.\]", out).groups()
    )
    cycle = voltages[:4]
    assert later == cycle[(cycle.index(paused) + 1) % 4]
    assert "ProcessAlreadyCompiled" in out


def test_hierarchy() -> None:
    """Equal in Python and on the chip, and to the same network without hierarchy."""
    from tutorial import hierarchy

    spikes, voltages = hierarchy.run(FIXED)
    again = hierarchy.run(HwRunCfg(device="golden", chip="test8"))
    assert np.array_equal(spikes, again[0])
    assert np.array_equal(voltages, again[1])

    rng = np.random.default_rng(5)
    source, sink = Source(data=rng.integers(0, 2, (8, 40))), Sink(shape=(4,), buffer=40)
    first, second = 2 * rng.integers(-25, 30, (12, 8)), 2 * rng.integers(-25, 50, (4, 12))
    output = source.s_out
    for weights in (first, second):
        dense, neurons = Dense(weights=weights), LIF(shape=(len(weights),), vth=300, du=1000, dv=300)
        output.connect(dense.s_in)
        dense.a_out.connect(neurons.a_in)
        output = neurons.s_out
    output.connect(sink.a_in)
    with sink:
        sink.run(RunSteps(40), run_cfg=FIXED)
        assert np.array_equal(sink.data.get(), spikes)
    assert spikes.sum() > 20


def test_remote_memory(capsys: pytest.CaptureFixture[str]) -> None:
    from tutorial import remote_memory

    remote_memory.main()
    shown = [re.findall(r"\d+", line) for line in capsys.readouterr().out.splitlines()]
    thresholds = [int(n) for n in shown[0]]
    columns = []
    for vth in thresholds:
        v, bias, history = 0, 20, []
        for _ in range(20):
            count = 0
            for _ in range(50):
                v = (v * (4096 - 41) >> 12) + (bias << 6)
                count += v > vth << 6
                v = 0 if v > vth << 6 else v
            history.append(count)
            bias += 4 * (10 - count)
        columns.append((history, bias))
    for row in shown[1:-1]:
        assert [int(n) for n in row[2:]] == [history[int(row[0]) // 50] for history, _ in columns]
    assert [int(n) for n in shown[-1]] == [bias for _, bias in columns]
    assert shown[-2][2:] == ["10"] * 4


def test_sigma_delta() -> None:
    from tutorial import sigma_delta

    signals = sigma_delta.waves()
    result, messages = sigma_delta.run(signals, 0.0)
    assert np.allclose(result, sigma_delta.exact(signals), rtol=0, atol=1e-12)
    for vth in (0.1, 0.4):
        result, messages = sigma_delta.run(signals, vth)
        told, expected = [0.0] * 3, 0
        for step in range(sigma_delta.STEPS):
            for k in range(3):
                if abs(signals[k, step] - told[k]) >= vth:
                    told[k], expected = signals[k, step], expected + 1
        assert messages == expected
        error = np.abs(result - sigma_delta.exact(signals)).max(axis=1)
        assert np.all(error < vth * np.abs(sigma_delta.WEIGHTS).sum(axis=1))
        assert np.all(error > 0)


def test_stdp() -> None:
    from tutorial import stdp

    floating, fixed = stdp.change("floating_pt"), stdp.change("fixed_pt")
    expected = [
        0 if n == 0 else 40 * math.exp(-n / 10) if n > 0 else -40 * math.exp(n / 7)
        for n in stdp.AFTER.tolist()
    ]
    assert floating.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    # Traces in fixed point are rounded at random in each step.
    assert np.abs(fixed - floating).max() < 3
    assert np.array_equal(np.sign(fixed), np.sign(stdp.AFTER))


def test_learning_rules() -> None:
    from tutorial import learning_rules

    history = learning_rules.run()
    apart = np.setdiff1d(np.arange(learning_rules.INPUTS), learning_rules.TOGETHER)
    assert np.all(history[2:, learning_rules.TOGETHER].min(axis=1) > 2 * history[2:, apart].max(axis=1))
    assert learning_rules.refused("0.3*x0*y1").startswith("AttributeError")
    assert learning_rules.refused("11*x0*y1").startswith("ValueError")
    assert learning_rules.refused("u0*w*2^-3") == "accepted"


def test_three_factor() -> None:
    from tutorial import three_factor

    data = three_factor.run()
    change = np.diff(data["weight"], axis=1)
    rewarded = data["reward"][:, 1:] > 0
    assert np.array_equal(change != 0, rewarded)
    # What is added is the eligibility of the step before, times a reward that has decayed for a step.
    expected = data["eligibility"][:, :-1][rewarded] * math.exp(-1 / 65535)
    assert change[rewarded].tolist() == pytest.approx(expected.tolist(), rel=1e-9)
    assert np.array_equal(*data["eligibility"][:, :100])
    assert data["eligibility"][0, 99] > 0


def test_equations(capsys: pytest.CaptureFixture[str]) -> None:
    from tutorial import equations

    page = (EXAMPLES.parent / "docs/equations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\S+)(?: mV)? \|.*\| (\S+) mV \|", page, re.MULTILINE)
    assert len(rows) == 7
    for column, (name, refused) in enumerate((("Izhikevich", 16), ("adaptive exponential", None)), 1):
        found = equations.errors(name)
        for row in rows:
            said, bits = row[column], int(row[0])
            assert said == "refused" if bits == refused else float(said) == float(f"{found[bits][0]:.2g}")
        values = [error for error, _ in found.values()]
        assert values[0] > 20 * values[-1]
        assert list(found) == list(range(6, refused or 17))
        assert found[14][1] in ("0", "1")
    out = capsys.readouterr().out
    assert re.search(r"16  refused: equations\.py:\d+: mul gives \[.*\], which 32 bits do not hold", out)


def test_a_power_of_two_of_the_tutorial() -> None:
    from tutorial import equations

    from lava_hw.equations import Equations, Graded, Parameter, numpy_step

    class Power(Equations):
        x = Parameter(-15 << 14, 10 << 14)
        out = Graded()

        def step(n: Any) -> None:
            n.out.send(equations.power_of_two(n.x, 14))

    x = np.arange(-15 << 14, (10 << 14) + 1, 7, dtype=np.int32)
    sent, _ = numpy_step(Power.trace())({"x": x}, 1, 0)
    wanted = np.exp2(x / (1 << 14)) * (1 << 14)
    # The polynomial has four digits, and what is shifted right loses its last bit.
    assert np.all(np.abs(sent["out"] - wanted) <= 3e-4 * wanted + 1)
