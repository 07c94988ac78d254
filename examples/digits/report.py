"""The figures of the demo: what is measured, what has to hold, and the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from digits.references import WORDS
from lava_hw.utils.lif_network import Trace

Array = np.ndarray

MIN_ACCURACY = 0.95
MAX_ACCURACY_LOSS = 0.01
MIN_CORES = 2

_MEANING = {
    "accuracy": "accuracy on the device",
    "accuracy_float": "accuracy of the trained network in floating point",
    "images": "held-out images",
    "mismatches": "values in which Python models, interpreter and RTL differ",
    "cores_used": "cores that hold a part of the network",
    "steps_per_s": "steps per second, co-simulated (wall)",
    "cycles_per_step": "chip cycles per step",
    "cycles_per_sop": "chip cycles per synaptic operation",
    "spikes": "spikes, injected ones included",
    "synaptic_operations": "synaptic operations",
    "image_bytes": "bytes of the image",
    "seconds": "seconds in all",
}


@dataclass(frozen=True)
class Report:
    """Figures of a run; None where the device has none (only RTL has cycles, Python has no image)."""

    accuracy: float
    accuracy_float: float
    images: int
    mismatches: int
    cores_used: int | None
    steps_per_s: float
    cycles_per_step: float | None
    cycles_per_sop: float | None
    spikes: int
    synaptic_operations: int
    image_bytes: int | None
    seconds: float

    def save(self, path: Path) -> None:
        """Write all figures as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    def __str__(self) -> str:
        """Return a table, a figure a line."""
        lines = []
        for key, value in asdict(self).items():
            if value is None:
                text = "none"
            elif isinstance(value, float):
                text = f"{value:,.4f}" if abs(value) < 100 else f"{value:,.0f}"
            else:
                text = f"{value:,}"
            lines.append(f"{key:<20} {text:>12}  {_MEANING[key]}")
        return "\n".join(lines)

    def failures(self) -> list[str]:
        """What had to hold and does not, a sentence each."""
        found = []
        if self.accuracy < MIN_ACCURACY:
            found.append(f"accuracy is {self.accuracy:.4f}; at least {MIN_ACCURACY} is asked for")
        if abs(self.accuracy_float - self.accuracy) > MAX_ACCURACY_LOSS + 1e-12:
            found.append(
                f"accuracy {self.accuracy:.4f} and accuracy_float {self.accuracy_float:.4f} differ by more "
                f"than {MAX_ACCURACY_LOSS}"
            )
        if self.mismatches:
            found.append(f"Python models, interpreter and RTL differ in {self.mismatches} values")
        if self.cores_used is not None and self.cores_used < MIN_CORES:
            found.append(f"{self.cores_used} core used; the network should need {MIN_CORES} or more")
        return found


def conversion_note(floats: Mapping[str, Trace], fixed: Mapping[str, Trace]) -> str:
    """Say in plain words what the column `differing` of the conversion's table counts, and how bad that is.

    Parameters
    ----------
    floats, fixed : mapping of population to Trace, spikes of shape (steps, images, n)
        Both networks on the same images.
    """
    lines = [
        "  differing: spikes that only one of both networks has at that neuron in that step, as a fraction",
        "  of all spikes; one that comes a step later counts twice. How often each neuron spikes for an",
        "  image, which is what the answer is made of, differs less:",
    ]
    for name, trace in floats.items():
        counts = [t.spikes.sum(axis=0, dtype=np.int64) for t in (trace, fixed[name])]
        apart = np.abs(counts[0] - counts[1]).sum() / max(int(counts[0].sum()), 1)
        lines.append(f"    {name:<10} {apart:.2%}")
    return "\n".join(lines)


def accuracy_note(labels: Array, answers: Array, answers_float: Array, device: str) -> str:
    """Say in plain words how both networks can be right on different images.

    Parameters
    ----------
    labels, answers, answers_float : ndarray, shape (images,)
        Digits, and what the device and the network in floating point took them for.
    device : str
        Key of WORDS.
    """
    right, right_float = answers == labels, answers_float == labels
    both, ours, theirs = (
        int(which.sum()) for which in (right & right_float, right & ~right_float, ~right & right_float)
    )
    return (
        f"  accuracy: both networks are right on {both} images, only the {WORDS[device]} on {ours},\n"
        f"  only floating point on {theirs}. Rounding moves some spikes by a step; that turns the answer\n"
        "  where an image lies between two digits, to either side. So the device can be above floating\n"
        f"  point, by chance; one image is {1 / len(labels):.4f}."
    )
