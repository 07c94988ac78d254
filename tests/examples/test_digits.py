"""The parts of the demo: data, training, processes on their references, report."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.examples.other_processor import run_elsewhere

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KEYS = [
    "accuracy",
    "accuracy_float",
    "images",
    "mismatches",
    "cores_used",
    "steps_per_s",
    "cycles_per_step",
    "cycles_per_sop",
    "spikes",
    "synaptic_operations",
    "image_bytes",
    "seconds",
]


def test_held_out_images_are_apart_and_stratified(split) -> None:
    from sklearn.datasets import load_digits

    assert len(split.held_out_labels) >= 360
    assert np.bincount(split.held_out_labels).tolist() == [40] * 10
    everything = np.concatenate([split.train_images, split.held_out_images])
    assert sorted(map(bytes, everything)) == sorted(map(bytes, load_digits().data.astype(np.int64)))
    assert not set(map(bytes, split.train_images)) & set(map(bytes, split.held_out_images))


def test_a_pixel_spikes_as_often_as_its_value_says() -> None:
    from digits.data import encode

    values = np.arange(17)[None]
    spikes = encode(values, 16)
    assert spikes.shape == (16, 1, 17)
    assert set(np.unique(spikes)) == {0, 1}
    assert np.array_equal(spikes.sum(axis=0), values)
    for steps in range(1, 17):
        # At every time the count is the exact share, rounded.
        assert np.abs(spikes[:steps].sum(axis=0) - values * steps / 16).max() <= 0.5


def test_training_learns_and_does_not_look_at_held_out_images(split, setting, trained) -> None:
    from digits.training import classify, train

    answers, _ = classify(trained, split.held_out_images, setting)
    assert np.mean(answers == split.held_out_labels) > 0.9
    blind = replace(
        split,
        held_out_images=np.zeros_like(split.held_out_images),
        held_out_labels=np.zeros_like(split.held_out_labels),
    )
    again = train(blind, replace(setting, epochs=1))
    once = train(split, replace(setting, epochs=1))
    for a, b in zip(again, once, strict=True):
        assert all(np.array_equal(a.inputs[k], b.inputs[k]) for k in a.inputs)


def test_weights_are_the_same_on_other_processors(split, setting, tmp_path) -> None:
    """What OpenBLAS chooses by the processor must not be seen in them."""
    from digits.training import train

    program = """
import sys
import numpy as np
from digits.data import load_split
from digits.training import Setting, train
setting = Setting(hidden=(144,), votes=3, shown=8, epochs=3)
layers = train(load_split(), setting)
np.savez(sys.argv[1], *[w for layer in layers for w in (*layer.inputs.values(), layer.bias)])
"""
    file = tmp_path / "weights.npz"
    run_elsewhere(program, file)
    layers = train(split, replace(setting, epochs=3))
    ours = [w for layer in layers for w in (*layer.inputs.values(), layer.bias)]
    with np.load(file) as theirs:
        assert len(theirs.files) == len(ours)
        for name, one in zip(theirs.files, ours, strict=True):
            assert np.array_equal(theirs[name], one)


def test_gradient_through_time_is_that_of_the_smooth_network(setting) -> None:
    """With a smooth spike and no reset, backward() must agree with differences of forward values."""
    from digits.training import _Network

    class Smooth(_Network):
        def forward(self, spikes):
            s, layers = self.setting, []
            for matrix, bias in zip(self.weights, self.biases, strict=True):
                arrived = np.concatenate([np.zeros_like(spikes[:1]), spikes[:-1]])
                current = arrived @ matrix.T
                out, peaks = np.empty_like(current), np.empty_like(current)
                u = v = np.zeros_like(current[0])
                for t, a in enumerate(current):
                    u = u * (1 - s.du) + a
                    v = v * (1 - s.dv) + u + bias
                    x = v - s.vth
                    peaks[t] = v
                    out[t] = x / (1 + s.steepness * np.abs(x))
                layers.append((arrived, out, peaks))
                spikes = out
            return layers

    small = replace(setting, hidden=(5,), votes=1, seed=3)
    network = Smooth(small)
    network.dtype = np.float64
    network.biases = [b + 0.05 for b in network.biases]
    rng = np.random.default_rng(0)
    spikes = (rng.random((small.steps, 4, 64)) < 0.3).astype(np.float64)
    target = rng.normal(size=(small.steps, 4, 10))

    def loss() -> float:
        return float((network.forward(spikes)[-1][1] * target).sum())

    layers = network.forward(spikes)
    # The spikes of the reset are taken as constants by backward(): there is no reset here, so they are 0.
    gradients = network.backward([(a, np.zeros_like(s), p) for a, s, p in layers], target)
    for parameter, gradient in zip([*network.weights, *network.biases], gradients, strict=True):
        for row in rng.integers(0, parameter.shape, size=(6, parameter.ndim)):
            index = tuple(int(i) for i in row)
            kept, width = parameter[index], 1e-5
            parameter[index] = kept + width
            above = loss()
            parameter[index] = kept - width
            below = loss()
            parameter[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * width), rel=1e-3, abs=1e-4)


def test_conversion_keeps_the_answers(split, setting, trained, converted) -> None:
    from digits.training import classify

    exact, _ = classify(trained, split.held_out_images, setting)
    rounded, _ = classify(converted, split.held_out_images, setting)
    labels = split.held_out_labels
    assert abs(np.mean(exact == labels) - np.mean(rounded == labels)) <= 0.01


def test_python_models_equal_plain_numpy(split, setting, converted) -> None:
    from digits.data import encode
    from digits.references import classify_all, observe, run_config
    from digits.training import classify

    from lava_hw.utils.lif_network import simulate

    images = split.held_out_images[:3]
    answers, raster = classify(converted, images, setting)
    run = classify_all(converted, setting, images, run_config("python", "demo"))
    assert raster.any()
    assert np.array_equal(run.rasters, raster)
    assert np.array_equal(run.answers, answers)
    seen = observe(converted, setting, images, run_config("python", "demo"))
    trace = simulate(converted, {"pixels": encode(images, setting.shown)}, setting.steps)
    for name in setting.names:
        for var, values in (("u", trace[name].u), ("v", trace[name].v), ("spikes", trace[name].spikes)):
            assert np.array_equal(seen[f"{name}.{var}"], values.transpose(1, 0, 2)), (name, var)


def test_golden_equals_the_python_models(split, setting, converted) -> None:
    from digits.references import classify_all, count_differences, observe, run_config

    images = split.held_out_images[:4]
    runs = {
        name: classify_all(converted, setting, images, run_config(name, "demo"))
        for name in ("python", "golden")
    }
    assert runs["python"].rasters.any()
    assert np.array_equal(runs["python"].rasters, runs["golden"].rasters)
    assert len(runs["golden"].cores) >= 2
    seen = [
        observe(converted, setting, images[:2], run_config(name, "demo")) for name in ("python", "golden")
    ]
    assert {"hidden.u", "hidden.v", "to_hidden.a_buff", "hidden.spikes", "to_output.weights"} <= set(seen[0])
    assert not any(count_differences(*seen).values())


def test_differences_are_counted() -> None:
    from digits.references import count_differences

    a = {"x": np.arange(6), "y": np.zeros(3), "only_a": np.zeros(4)}
    b = {"x": np.array([0, 1, 9, 9, 4, 5]), "y": np.zeros(2), "only_b": np.zeros(5)}
    assert count_differences(a, b) == {"x": 2, "y": 3, "only_a": 4, "only_b": 5}
    assert not any(count_differences(a, a).values())


def good_report():
    from digits.report import Report

    return Report(0.975, 0.98, 400, 0, 3, 5000.0, 600.0, 0.05, 10**5, 10**7, 50_000, 120.0)


def test_report_has_exactly_the_keys_of_the_contract(tmp_path) -> None:
    import json

    report = good_report()
    report.save(tmp_path / "sub" / "report.json")
    saved = json.loads((tmp_path / "sub" / "report.json").read_text())
    assert list(saved) == KEYS == [f.name for f in fields(report)]
    assert all(key in str(report) for key in KEYS)
    assert report.failures() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accuracy": 0.9499, "accuracy_float": 0.9499}, "accuracy is 0.9499"),
        ({"accuracy": 0.96, "accuracy_float": 0.9701}, "differ by more"),
        ({"mismatches": 1}, "differ in 1 values"),
        ({"cores_used": 1}, "1 core used"),
    ],
)
def test_report_names_what_does_not_hold(change, message) -> None:
    failures = replace(good_report(), **change).failures()
    assert len(failures) == 1
    assert message in failures[0]


@pytest.mark.slow
def test_demo_on_golden_writes_its_report(tmp_path, capsys) -> None:
    import json

    import demo

    short = ["--epochs", "20", "--images", "50"]
    assert demo.main(["--device", "golden", *short, "--out", str(tmp_path)]) == 0
    saved = json.loads((tmp_path / "report.json").read_text())
    assert list(saved) == KEYS
    assert saved["images"] == 50
    assert saved["mismatches"] == 0
    assert saved["accuracy"] >= 0.95
    assert saved["cores_used"] >= 2
    assert saved["cycles_per_step"] is None
    assert (tmp_path / "report.png").read_bytes()[:4] == b"\x89PNG"
    out = capsys.readouterr().out
    assert "hidden.weights[pixels]" in out
    # Both figures that a reader stumbles over are explained beside them.
    assert re.search(r"differing: spikes that only one.*\n.*\n.*\n    hidden +\d", out)
    both, ours, theirs = map(
        int, re.search(r"right on (\d+) .*interpreter on (\d+),\s+.*point on (\d+)", out).groups()
    )
    assert both + ours == round(50 * saved["accuracy"])
    assert both + theirs == round(50 * saved["accuracy_float"])
    assert not re.search("witness|golden, all|verilator", out)


def test_notes_count_what_they_say() -> None:
    from digits.report import accuracy_note, conversion_note

    from lava_hw.utils.lif_network import Trace

    def trace(steps: list[int]) -> dict[str, Trace]:
        spikes = np.zeros((4, 1, 1), bool)
        spikes[steps] = True
        return {"layer": Trace(spikes, spikes, spikes, spikes)}

    # A spike that comes a step later differs twice in the table, and not at all in the counts.
    assert "layer      0.00%" in conversion_note(trace([0, 1]), trace([0, 2]))
    assert "layer      50.00%" in conversion_note(trace([0, 1]), trace([0]))
    labels = np.array([1, 2, 3, 4])
    note = accuracy_note(labels, np.array([1, 2, 3, 0]), np.array([1, 2, 0, 0]), "verilator")
    assert "right on 2 images, only the RTL simulation on 1" in note
    assert "point on 0" in note
    assert "one image is 0.2500" in note


def test_the_picture_has_a_row_of_differences_for_each_reference(tmp_path, monkeypatch) -> None:
    from digits import picture

    monkeypatch.setattr(picture.plt, "close", lambda figure: figures.append(figure))
    figures: list = []
    rng = np.random.default_rng(0)
    spikes = {"pixels": rng.random((3, 64)) < 0.5, "output": rng.random((3, 100)) < 0.5}
    other = {**spikes, "output": spikes["output"].copy()}
    other["output"][1, :2] ^= True
    counters = {"cyc_update": 3, "cyc_synapse": 2, "cyc_stall": 1}
    picture.draw(
        tmp_path / "report.png",
        device="RTL simulation",
        labels=np.arange(10),
        answers=np.arange(10),
        spikes={"Python models": spikes, "interpreter": other, "RTL simulation": spikes},
        image=np.zeros(64),
        curves={"RTL simulation": np.ones(3)},
        bound=0.9,
        cores={0: counters, 9: counters},
        cores_of_chip=4,
        chip_cycles=100,
        steps=3,
    )
    (figure,) = figures
    _, below, raster, _, cycles = figure.axes[:5]
    counts = [[t.get_text() for t in below.texts if t.get_position()[1] == row] for row in (0, 1)]
    assert counts == [["0", "0", "0"], ["0", "2", "0"]]
    assert len(raster.collections[0].get_offsets()) == spikes["pixels"].sum()  # once, not once a reference
    assert "2 of 4 cores" in cycles.get_title()
    assert [t.get_text() for t in cycles.get_xticklabels()] == ["column 0, row 0", "column 1, row 1"]


@pytest.mark.parametrize("images", ["0", "401", "-3"])
def test_demo_refuses_a_number_of_images_that_is_not_there(images, capsys) -> None:
    import demo

    with pytest.raises(SystemExit):
        demo.main(["--device", "python", "--images", images])
    assert "from 1 to 400" in capsys.readouterr().err
