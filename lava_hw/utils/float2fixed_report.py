"""What a conversion to fixed point cost: errors per tensor, ranges and spikes per population."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TensorError:
    """What the conversion did to one tensor.

    Attributes
    ----------
    tensor : str
        `population.parameter`, for weights with the source in brackets.
    shape : tuple of int
        Shape of the tensor; () for a scalar.
    scale : float
        Fixed-point value per unit of the floating-point one.
    exponent : int
        Exponent of two that the chip applies to the stored integers (0 where there is none).
    max_error, rms_error : float
        Largest and root-mean-square difference to the floating-point values, in their unit.
    saturated : float
        Fraction of the elements that were outside the range of the integers.
    """

    tensor: str
    shape: tuple[int, ...]
    scale: float
    exponent: int
    max_error: float
    rms_error: float
    saturated: float


@dataclass(frozen=True)
class StateRange:
    """What the calibration data showed of one population.

    Attributes
    ----------
    population : str
        Its name.
    u_peak, v_peak : float
        Largest magnitude of the fixed-point state before a reset, as fraction of its 24-bit range.
    spikes_float, spikes_fixed : int
        Spikes of both networks on the calibration data.
    spikes_differing : float
        Spikes at which both networks differ, as fraction of the floating-point network's.
    """

    population: str
    u_peak: float
    v_peak: float
    spikes_float: int
    spikes_fixed: int
    spikes_differing: float


@dataclass(frozen=True)
class Float2FixedReport:
    """Errors per tensor and, after calibration, ranges per population; str() is a table of both."""

    tensors: tuple[TensorError, ...]
    states: tuple[StateRange, ...] = ()

    def __str__(self) -> str:
        """Return both tables as text, one row per tensor and one per population."""
        rows = [["tensor", "shape", "scale", "exponent", "max error", "RMS error", "saturated"]]
        for t in self.tensors:
            shape = "x".join(map(str, t.shape)) or "scalar"
            numbers = [f"{t.scale:.6g}", str(t.exponent), f"{t.max_error:.2e}", f"{t.rms_error:.2e}"]
            rows.append([t.tensor, shape, *numbers, f"{t.saturated:.2%}"])
        text = _table(rows)
        if self.states:
            rows = [["population", "peak u", "peak v", "spikes float", "spikes fixed", "differing"]]
            for s in self.states:
                peaks = [f"{s.u_peak:.1%}", f"{s.v_peak:.1%}"]
                counts = [str(s.spikes_float), str(s.spikes_fixed)]
                rows.append([s.population, *peaks, *counts, f"{s.spikes_differing:.2%}"])
            text += "\n\n" + _table(rows)
        return text


def _table(rows: list[list[str]]) -> str:
    """Columns of equal width, the first one left, the others right adjusted, a rule under the heading."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w)
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])
