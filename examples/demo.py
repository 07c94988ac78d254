"""Handwritten digits on the chip: train, convert, compile, build the simulator, classify, compare, report.

    python examples/demo.py --out build/demo

A spiking network is trained in floating point on the digits of scikit-learn and converted into fixed
point. Images that training never saw are then classified by the chip's RTL, while Python processes make
spikes of pixels and collect the answers. The same is done by golden and all in Python, and every
difference is counted. The program ends with an error if a figure is not as good as it has to be.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from digits import picture
from digits.data import encode, load_split
from digits.network import build_network
from digits.references import (
    REFERENCES,
    WORDS,
    Classification,
    Progress,
    classify_all,
    count_differences,
    observe,
    run_config,
)
from digits.report import MIN_ACCURACY, Report, accuracy_note, conversion_note
from digits.training import Setting, classify, train, votes
from threadpoolctl import threadpool_limits

from lava_hw import progress
from lava_hw.compiler import compile_network
from lava_hw.image import Image
from lava_hw.progress import Bar
from lava_hw.utils.float2fixed import float2fixed
from lava_hw.utils.lif_network import FixedPopulation, simulate

#: Images of which every state word of every step is compared.
SAMPLE = 30
#: Training images on which the conversion looks for the ranges of the states.
CALIBRATION = 300
#: Seconds since the epoch at which `make demo` began; set by the Makefile.
START = "LAVA_HW_DEMO_START"


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def bar(title: str) -> Progress:
    """The package's bar where a person looks on; elsewhere a line at the end."""
    begun = time.perf_counter()
    shown: list[Bar] = []

    def show(done: int, total: int) -> None:
        if not shown:
            shown.append(progress.bar(total, f"  {title}", "done"))
        shown[0].reach(done)
        if done == total:
            shown[0].done()
            shown[0].close()
            if not progress.is_shown(None):
                say(f"  {title}: {total} in {time.perf_counter() - begun:.1f} s")

    return show


def trained(split, setting: Setting) -> tuple[list, list[FixedPopulation]]:
    """Train and convert; print what it took."""
    show = bar("training, epochs")
    right = 0.0

    def count(epoch: int, accuracy: float) -> None:
        nonlocal right
        right = accuracy
        show(epoch, setting.epochs)

    floats = train(split, setting, count)
    say(f"  accuracy on the training images in the last epoch: {right:.4f}")
    calibration = {"pixels": encode(split.train_images[:CALIBRATION], setting.shown)}
    fixed, lost = float2fixed(floats, calibration)
    say(f"\nConversion from floating to fixed point\n{lost}")
    both = [simulate(layers, calibration, setting.shown) for layers in (floats, fixed)]
    say(f"{conversion_note(*both)}\n")
    return floats, fixed


def compiled(layers: Sequence[FixedPopulation], setting: Setting, chip: str) -> tuple[Image, list[int]]:
    """Compile the network as the run will; return the image and the cores with neurons of it."""
    image = compile_network(build_network(layers, setting).encoder, chip)
    cores = {core for process in image.manifest.processes.values() for core in process.cores}
    return image, sorted(cores)


def build_simulator(chip: str) -> None:
    """Build the chip's simulator, or find it in the cache."""
    from lava_hw.device import Device

    say("Simulator of the RTL")
    begun = time.perf_counter()
    Device.open("verilator", chip).close()
    say(f"  ready after {time.perf_counter() - begun:.1f} s\n")


def accuracy_curve(rasters: np.ndarray, labels: np.ndarray, setting: Setting) -> np.ndarray:
    """Accuracy after 1, 2, ... steps from output spikes of shape (steps, images, neurons)."""
    answers = [votes(rasters[: t + 1], setting.votes).argmax(axis=1) for t in range(len(rasters))]
    return np.array([np.mean(answer == labels) for answer in answers])


def compare(
    runs: dict[str, Classification], seen: dict[str, dict[str, np.ndarray]], fixed_output: np.ndarray
) -> int:
    """Count what differs from the Python models, and say where."""
    total = 0
    reference = runs["python"].rasters
    rows = [("plain numpy", {"output spikes, all images": int((fixed_output != reference).sum())})]
    for name in runs:
        if name != "python":
            found = {"output spikes, all images": int((runs[name].rasters != reference).sum())}
            rows.append((WORDS[name], {**found, **count_differences(seen["python"], seen[name])}))
    for name, found in rows:
        differing = {what: n for what, n in found.items() if n}
        count = sum(differing.values())
        total += count
        say(f"  {name:<14} against the Python models: {count} values differ {differing or ''}")
    return total


@threadpool_limits.wrap(limits=1, user_api="blas")
def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 if everything holds that has to."""
    begun = float(os.environ.get(START) or time.time())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="folder of the report")
    parser.add_argument("--images", type=int, help="number of held-out images (all)")
    parser.add_argument("--device", choices=REFERENCES, default="verilator", help="what is reported on")
    parser.add_argument("--chip", default="demo", help="name of a chip or path of its YAML file")
    parser.add_argument("--epochs", type=int, default=Setting.epochs, help="passes over the training images")
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error("--epochs must be at least 1")

    split, setting = load_split(), Setting(epochs=options.epochs)
    if options.images is not None and not 1 <= options.images <= len(split.held_out_labels):
        parser.error(f"--images must be from 1 to {len(split.held_out_labels)}")
    images = split.held_out_images[: options.images]
    labels = split.held_out_labels[: options.images]
    sample = images[:SAMPLE]
    references = REFERENCES[: REFERENCES.index(options.device) + 1]

    say(f"Digits: {len(split.train_labels)} images to train on, {len(labels)} held out")
    floats, fixed = trained(split, setting)
    answers_float, raster_float = classify(floats, images, setting)
    _, raster_fixed = classify(fixed, images, setting)

    image_bytes, cores_used, cores_of_chip = None, [], 0
    if options.device != "python":
        image, cores_used = compiled(fixed, setting, options.chip)
        image_bytes = len(image.to_bytes())
        cores_of_chip = len(image.chip.cores)
        used = f"{len(cores_used)} of {cores_of_chip} cores"
        say(f"Compiled for chip {options.chip!r}: {image_bytes:,} bytes, {used}\n")
    if options.device == "verilator":
        build_simulator(options.chip)

    say(f"Classification, {setting.steps} steps an image; all states in each step of {len(sample)} images")
    runs, seen = {}, {}
    for name in references:
        run_cfg = run_config(name, options.chip)
        runs[name] = classify_all(fixed, setting, images, run_cfg, bar(f"{WORDS[name]}, all images"))
        seen[name] = observe(fixed, setting, sample, run_cfg, bar(f"{WORDS[name]}, step by step"))
    say("\nComparison")
    mismatches = compare(runs, seen, raster_fixed)

    run = runs[options.device]
    steps = setting.steps * len(images)
    pixels = encode(images, setting.shown)
    traces = simulate(fixed, {"pixels": pixels}, setting.steps)
    sent = {"pixels": pixels, **{layer.name: traces[layer.name].spikes for layer in fixed}}
    spikes = sum(int(np.count_nonzero(found)) for found in sent.values())
    operations = sum(
        int(np.count_nonzero(sent[source])) * layer.size for layer in fixed for source in layer.inputs
    )
    cycles = None
    if run.cores:
        counted = run.total("spikes_out") + int(pixels.sum()), run.total("synops")
        if counted != (spikes, operations):
            mismatches += 1
            say(f"  counters of {options.device} give {counted}, the network has {(spikes, operations)}")
        if run.chip["cycles"]:
            cycles = run.chip["cycles"]
    shown = {
        WORDS[name]: {layer: seen[name][f"{layer}.spikes"][0] for layer in ("pixels", *setting.names)}
        for name in references
    }
    curves = {
        WORDS[options.device]: accuracy_curve(run.rasters, labels, setting),
        "floating point": accuracy_curve(raster_float, labels, setting),
    }
    picture.draw(
        options.out / "report.png",
        device=WORDS[options.device],
        labels=labels,
        answers=run.answers,
        spikes=shown,
        image=sample[0],
        curves=curves,
        bound=MIN_ACCURACY,
        cores={core: run.cores[core] for core in cores_used if run.cores},
        cores_of_chip=cores_of_chip,
        chip_cycles=cycles or 0,
        steps=steps,
    )
    report = Report(
        accuracy=float(np.mean(run.answers == labels)),
        accuracy_float=float(np.mean(answers_float == labels)),
        images=len(images),
        mismatches=mismatches,
        cores_used=len(cores_used) if image_bytes else None,
        steps_per_s=steps / run.seconds,
        cycles_per_step=cycles and cycles / steps,
        cycles_per_sop=cycles and cycles / operations,
        spikes=spikes,
        synaptic_operations=operations,
        image_bytes=image_bytes,
        seconds=time.time() - begun,
    )
    report.save(options.out / "report.json")
    say(f"\n{report}")
    say(accuracy_note(labels, run.answers, answers_float, options.device))
    say(f"\n{options.out / 'report.json'}\n{options.out / 'report.png'}")
    failures = report.failures()
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
