"""The golden chip with an image, one stage at a time, for `python_models.Network`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lava_hw.device.places import Places
from lava_hw.device.ports import parse_ports
from lava_hw.device.stores.delays import DelayStore
from lava_hw.device.stores.parse import parse_variables
from lava_hw.golden import GoldenChip
from lava_hw.image import Image, config_flits
from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, FlitType, TokenIn, TokenOut

Array = np.ndarray[Any, Any]


class GoldenStages:
    """See `python_models.Stages`."""

    def __init__(self, image: Image) -> None:
        assert image.check() == []
        stages = image.manifest.stages
        self.stages: int = stages.count
        self.inputs, self.outputs = parse_ports(image.manifest)
        self.variables = parse_variables(image.manifest)
        self._closes = set(stages.needs_close)
        self._ends = set(stages.needs_end)
        self._windows: dict[tuple[int, int], list[int]] = {}
        self._came: list[int] = []
        self._kept: dict[str, Array] = {}
        self.step = 0
        self.chip = GoldenChip(image.chip)
        self.chip.push(config_flits(image.segments))

    def send(self, port: str, step: int, message: Array) -> None:
        entry = self.inputs[port]
        window = (step + 1, 0) if entry.stage is None else (step, entry.stage)
        _, flits = entry.encode(entry.check(message[None]))
        self._windows.setdefault(window, []).extend(flits.tolist())

    def run_stage(self, step: int, stage: int) -> Mapping[str, Array]:
        if stage == 0:
            self._push(self._token(TokenIn.RUN, 0, step))
        self._push(*self._windows.pop((step, stage), []))
        if stage in self._closes:
            self._push(self._token(TokenIn.CLOSE, stage, step))
        self.step = step
        ports = {name: port for name, port in self.outputs.items() if port.stage == stage}
        if stage not in self._ends:
            assert not ports
            return {}
        end = self._came.index(
            EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.END, index=stage, payload=step)
        )
        events = np.array(self._came[:end], np.uint64)
        self._came = self._came[end + 1 :]
        return {name: port.decode(events, np.zeros(end, np.int64), 1)[0] for name, port in ports.items()}

    def read(self, name: str) -> Array | None:
        """Give the value of a Var at the end of the step; None for what is not on the chip."""
        self._push(*self._windows.pop((self.step + 1, 0), []))
        var = self.variables[name]
        if not hasattr(var.store, "locate"):
            return None
        values = var.store.decode(self._words(var.store.locate(self.step)))
        if name in self._kept:
            values = var.store.fill(values, self._kept[name])
        return var.shaped(values)

    def _words(self, places: Places) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """Read words; consecutive addresses in one go."""
        joined = places.core << 32 | places.addr
        cuts = np.flatnonzero(np.diff(joined) != 1) + 1
        runs = np.split(joined, cuts) if len(joined) else []
        words = [self.chip.peek(int(run[0]) >> 32, int(run[0]) & 0xFFFFFFFF, len(run)) for run in runs]
        return np.concatenate([np.zeros(0, np.uint32), *words])

    def write(self, name: str, value: Any) -> None:
        """Set a Var at the end of the step."""
        var = self.variables[name]
        places = var.store.locate(self.step)
        old = self._words(places) if var.store.needs_old() else None
        words = var.store.encode(var.check(value), name, self.step, old)
        if isinstance(var.store, DelayStore):
            self._kept[name] = var.check(value)
        for core, addr, word in zip(places.core.tolist(), places.addr.tolist(), words.tolist(), strict=True):
            self._push(CONFIG_FLIT.pack(cfg=1, op=ConfigOp.WRITE, core=core, addr=addr, data=word))

    def _push(self, *flits: int) -> None:
        if flits:
            self.chip.push(np.array(flits, np.uint64))
        assert self.chip.fault is None, f"fault {self.chip.fault}"
        paused = EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.PAUSED)
        mask = ~np.uint64(EVENT_FLIT.fields["payload"].mask)
        self._came += [f for f in self.chip.pop().tolist() if int(np.uint64(f) & mask) != paused]

    @staticmethod
    def _token(code: TokenIn, stage: int, step: int) -> int:
        return EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=code, index=stage, payload=step)
