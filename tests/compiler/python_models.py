"""Python models of a network, stepped together with a chip, without the project's runtime.

Each process outside the chip is a greenlet that runs its model; `recv` on an empty queue switches away. The
chip is one more participant, which runs a stage when the messages that it needs for it are there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from greenlet import greenlet

from lava_hw.device.codec import InputPort
from lava_hw.device.outputs import OutputPort
from lava_hw.graph import Flat, FlatProcess
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort

Array = np.ndarray[Any, Any]


class Stages(Protocol):
    """A chip with an image, one stage at a time."""

    stages: int
    inputs: Mapping[str, InputPort]
    outputs: Mapping[str, OutputPort]

    def send(self, port: str, step: int, message: Array) -> None:
        """Take a message that was sent in `step`."""

    def run_stage(self, step: int, stage: int) -> Mapping[str, Array]:
        """Run a stage; give the messages that leave at its end."""


class _In:
    def __init__(self, net: Network, shape: tuple[int, ...], dtype: Any, sources: list[_Queue]) -> None:
        self.net, self.shape, self.dtype, self.sources = net, shape, dtype, sources

    def recv(self) -> Array:
        total = np.zeros(self.shape, self.dtype)
        for queue in self.sources:
            while not queue.waiting:
                self.net.hub.switch()
            total = total + queue.waiting.popleft()
        return total

    def probe(self) -> bool:
        return all(queue.waiting for queue in self.sources)


class _Queue:
    """Messages of one link, in the shape of the in port."""

    def __init__(self, source: Any, target: Any, shape: tuple[int, ...]) -> None:
        self.source, self.target, self.shape = source, target, shape
        self.waiting: deque[Array] = deque()

    def put(self, message: Array) -> None:
        flat = message.reshape(-1)
        out = np.zeros(int(np.prod(self.shape)), message.dtype)
        values = flat if self.source is None else flat[self.source]
        out[slice(None) if self.target is None else self.target] = values
        self.waiting.append(out.reshape(self.shape))


class _Out:
    def __init__(self, shape: tuple[int, ...], dtype: Any, record: list[Array]) -> None:
        self.shape, self.dtype, self.record = shape, dtype, record
        self.queues: list[_Queue] = []
        self.chip: list[tuple[Stages, str]] = []
        self.sent = 0

    def send(self, message: Any) -> None:
        array = np.array(message).astype(self.dtype)
        assert array.shape == self.shape
        self.sent += 1
        self.record.append(array)
        for queue in self.queues:
            queue.put(array)
        for chip, key in self.chip:
            chip.send(key, self.sent, array)


class Network:
    """All processes of `flat` that are not on the chip, and the chip if there is one.

    `record` has every message of every out port, step by step.
    """

    def __init__(
        self, flat: Flat, chip: Stages | None = None, groups: Mapping[str, list[str]] | None = None
    ) -> None:
        self.flat, self.chip = flat, chip
        self.models: dict[str, Any] = {}
        self.outs: dict[str, _Out] = {}
        self.from_chip: dict[str, list[_Queue]] = {}
        self.record: dict[str, list[Array]] = {}
        self.step = 0
        ins: dict[str, list[_Queue]] = {}
        for p in flat.processes:
            for port, shape in p.out_ports.items():
                if not p.on_chip:
                    name = f"{p.name}.{port}"
                    self.outs[name] = _Out(shape, p.types[port].d_type, self.record.setdefault(name, []))
        for link in flat.links:
            src, dst = flat.processes[link.src_process], flat.processes[link.dst_process]
            out = f"{src.name}.{link.src_port}"
            if dst.on_chip:
                if not src.on_chip and chip is not None:
                    keys = (groups or {}).get(out, [out])
                    self.outs[out].chip = [(chip, key) for key in keys]
                continue
            queue = _Queue(link.src_index, link.dst_index, dst.in_ports[link.dst_port])
            ins.setdefault(f"{dst.name}.{link.dst_port}", []).append(queue)
            (self.from_chip.setdefault(out, []) if src.on_chip else self.outs[out].queues).append(queue)
        self.hub = greenlet(self._rounds)
        for p in flat.processes:
            if not p.on_chip:
                self.models[p.name] = self._model(p, ins)
        self.tasks: list[greenlet] = []

    def _model(self, p: FlatProcess, ins: dict[str, list[_Queue]]) -> Any:
        model = p.model_class(p.params)
        for name, kind in p.types.items():
            if isinstance(kind.cls, type) and issubclass(kind.cls, PyInPort):
                port = f"{p.name}.{name}"
                setattr(model, name, _In(self, p.in_ports[name], kind.d_type, ins.get(port, [])))
            elif isinstance(kind.cls, type) and issubclass(kind.cls, PyOutPort):
                setattr(model, name, self.outs[f"{p.name}.{name}"])
            elif kind.cls is np.ndarray:
                value = np.zeros(p.vars[name].shape, kind.d_type)
                value[...] = np.asarray(p.vars[name].init).astype(kind.d_type)
                setattr(model, name, value)
            elif hasattr(p.vars[name].init, "tocsr"):
                setattr(model, name, p.vars[name].init.tocsr(copy=True).astype(kind.d_type))
            else:
                setattr(model, name, p.vars[name].init)
        model.time_step = 0
        return model

    def run(self, steps: int) -> None:
        """Run so many steps."""
        last = self.step + steps
        self.tasks = [
            greenlet(lambda m=m: self._forever(m, last), parent=self.hub) for m in self.models.values()
        ]
        if self.chip is not None:
            self.tasks.append(greenlet(lambda: self._chip(last), parent=self.hub))
        self.hub = greenlet(self._rounds)
        for task in self.tasks:
            task.parent = self.hub
        self.hub.switch()
        self.step = last
        for port, out in self.outs.items():
            assert out.sent == last, f"{port} sent {out.sent} messages in {last} steps"

    def _forever(self, model: Any, last: int) -> None:
        while model.time_step < last:
            model.time_step += 1
            model.run_spk()

    def _chip(self, last: int) -> None:
        chip = self.chip
        assert chip is not None
        for step in range(self.step + 1, last + 1):
            for stage in range(chip.stages):
                while not self._ready(step, stage):
                    self.hub.switch()
                for port, message in chip.run_stage(step, stage).items():
                    self.record.setdefault(port, []).append(message)
                    for queue in self.from_chip.get(port, []):
                        queue.put(message)

    def _ready(self, step: int, stage: int) -> bool:
        """Say whether everything was sent that stage `stage` of `step` may need."""
        for out in self.outs.values():
            for chip, key in out.chip:
                port = chip.inputs[key]
                if port.kind == "port" and port.stage == stage and out.sent < step:
                    return False
                if port.kind == "connection" and out.sent < step - 1:
                    return False
        return True

    def _rounds(self) -> None:
        """Let everybody run until nobody can any more."""
        while any(not task.dead for task in self.tasks):
            before = self._progress()
            for task in self.tasks:
                if not task.dead:
                    task.switch()
            assert self._progress() != before, "nobody can run: a deadlock"

    def _progress(self) -> Any:
        waiting = sum(len(q.waiting) for o in self.outs.values() for q in o.queues)
        sent = sum(o.sent for o in self.outs.values())
        return waiting, sent, sum(t.dead for t in self.tasks), sum(len(r) for r in self.record.values())
