"""The figures of the demo: what is measured, what has to hold, and the table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

MIN_ACCURACY = 0.95
MAX_ACCURACY_LOSS = 0.01
MIN_CORES = 2

_MEANING = {
    "accuracy": "accuracy on the device",
    "accuracy_float": "accuracy of the trained network in floating point",
    "images": "held-out images",
    "mismatches": "values in which the witnesses differ",
    "cores_used": "cores used",
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
            found.append(f"the witnesses differ in {self.mismatches} values")
        if self.cores_used is not None and self.cores_used < MIN_CORES:
            found.append(f"{self.cores_used} core used; the network should need {MIN_CORES} or more")
        return found
