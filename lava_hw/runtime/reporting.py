"""What a runtime says about itself: what runs where, and the image on the chip."""

from __future__ import annotations

from lava_hw.compiler.pipeline import compile_planned
from lava_hw.compiler.uses import Summary, summary
from lava_hw.errors import NothingOnChipWarning, notify
from lava_hw.graph.flat import Flat
from lava_hw.image import Image
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig
from lava_hw.report import Report, announce, make_report
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.placement import Placement

__all__ = ["Reporting", "compile_chip", "say_nothing_on_chip"]


def compile_chip(flat: Flat, run_cfg: HwRunCfg) -> tuple[Image, Summary]:
    """Compile the part of a network that is for the chip, and say in one line what runs where.

    Raises
    ------
    CompileError
        If that part does not fit the chip.
    """
    image, planned = compile_planned(
        flat,
        run_cfg.chip,
        placement=run_cfg.placement or None,
        progress=run_cfg.progress,
        split=run_cfg.split,
    )
    found = summary(planned, image.chip)
    announce(make_report(flat, image.chip, run_cfg.device, found))
    return image, found


def say_nothing_on_chip(flat: Flat, run_cfg: RunConfig) -> None:
    """Warn if a configuration for hardware puts nothing on the chip.

    Raises
    ------
    NothingOnChipWarning
        If the configuration is strict.
    """
    if not isinstance(run_cfg, HwRunCfg) or any(p.on_chip for p in flat.processes):
        return
    announce(make_report(flat))
    why = ", ".join(f"{p.name} ({p.reason})" for p in flat.processes[:6])
    more = f" and {len(flat.processes) - 6} more" if len(flat.processes) > 6 else ""
    text = (
        f"{type(run_cfg).__name__}: nothing of this network is on the chip, all of it runs in Python: {why}"
        f"{more}. docs/processes.md says which processes have a model for the chip; Loihi2SimCfg runs all in "
        "Python without this warning."
    )
    notify(NothingOnChipWarning(text), run_cfg.strict)


class Reporting:
    """Of a Runtime: its report, its image and its short text. All three remain after stop()."""

    flat: Flat
    run_cfg: RunConfig
    _placement: Placement
    _image: Image | None = None
    _summary: Summary = Summary()

    @property
    def image(self) -> Image:
        """The image on the chip.

        Raises
        ------
        RunError
            If no process of the network runs on the chip.
        """
        if self._image is None:
            raise RunError(
                f"No process of this network runs on the chip, so there is no image. {self._why()}"
            )
        return self._image

    def report(self) -> Report:
        """Say what runs where: model, device, cores and use of each process, and which limit binds.

        Returns
        -------
        Report
            `print(report)` shows tables, a notebook shows them in HTML, `to_dict()` gives values for JSON.
        """
        places = {}
        for index, worker in enumerate(self._placement.workers):
            if index in self._placement.threads:
                places[index] = "Python, own thread"
            elif worker:
                places[index] = f"Python, worker {worker}"
        if self._image is None or not isinstance(self.run_cfg, HwRunCfg):
            return make_report(self.flat, places=places)
        return make_report(self.flat, self._image.chip, self.run_cfg.device, self._summary, places)

    def place_of(self, process: AbstractProcess) -> str:
        """Say in a few words where a process of this network runs."""
        for entry, flat_process in zip(self.report().processes, self.flat.processes, strict=True):
            if flat_process.process is process:
                if entry.device != "chip":
                    return f"in {entry.device}"
                cores = ", ".join(map(str, entry.cores)) or "of its targets"
                return f"on the chip, core{'s' if len(entry.cores) > 1 else ''} {cores}"
        return "as a network of others"

    def _why(self) -> str:
        reasons = [f"{p.name}: {p.reason}" for p in self.flat.processes if p.reason]
        return f"Why: {'; '.join(reasons)}." if reasons else 'HwRunCfg(device="golden") puts processes on it.'

    def _short(self, step: int, state: str) -> str:
        report = self.report()
        on = (
            f"{len(report.on_chip)} on chip {report.chip} ({report.device})"
            if report.on_chip
            else "none on a chip"
        )
        return f"<Runtime of {len(report.processes)} processes, {on}; step {step}, {state}>"
