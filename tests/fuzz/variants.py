"""Ways of running a case that must not change its answers, and the comparison of the answers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lava_hw import Loihi2SimCfg, RunSteps
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.runtime.run_ahead import batch_method
from tests.fuzz.kinds import FIXED
from tests.fuzz.library import Built, Case, Change, build
from tests.fuzz.user_written import Noise

PHASES = ("run_pre_mgmt", "run_lrn", "run_post_mgmt")
Answers = dict[str, tuple[str, tuple[int, ...], bytes]]
"""By run and Var: type, shape and content."""


@dataclass(frozen=True)
class Variant:
    """How a case is run.

    Attributes
    ----------
    order : int, optional
        Seed of the order in which processes are created and connected.
    delays : int, optional
        Seed of delays in models.
    ahead : bool
        Whether models with delays may be steps ahead of others where those of the library may.
    split : str
        "as given", "single steps", or "joined" where nothing is changed in between.
    capacity : int
        Messages that a channel holds.
    workers : int, optional
        Seed of a placement on several workers.
    again : bool
        Whether the network has run before, Vars were changed, and it was reset: `run_samples` promises that
        it equals a freshly built one then.
    """

    order: int | None = None
    delays: int | None = None
    ahead: bool = False
    split: str = "as given"
    capacity: int = 64
    workers: int | None = None
    again: bool = False


PLAIN = Variant()


def drawn(seed: int) -> list[Variant]:
    """Some variants: each way alone, and all of them at once."""
    r = random.Random(seed)
    return [
        Variant(order=r.getrandbits(30)),
        Variant(delays=r.getrandbits(30), ahead=r.random() < 0.5),
        Variant(split=r.choice(["single steps", "joined"])),
        Variant(capacity=r.choice([1, 2, 3])),
        Variant(workers=r.getrandbits(30)),
        Variant(again=True),
        Variant(
            order=r.getrandbits(30),
            delays=r.getrandbits(30),
            ahead=True,
            split=r.choice(["single steps", "joined"]),
            capacity=1,
            workers=r.getrandbits(30),
            again=True,
        ),
    ]


def dawdling(model: Any, ahead: bool, seed: int) -> Any:
    """A model that does what its parent does, but sometimes waits before or after that."""

    def wait(self: Any) -> None:
        dice = self.__dict__.setdefault("_dice", random.Random(seed * 7919 + self.model_id))
        kind = dice.randrange(12)
        if kind == 0:
            time.sleep(dice.random() * 5e-4)
        elif kind < 5:
            left = [dice.randrange(1, 4)]

            def happened() -> bool:
                left[0] -= 1
                return left[0] < 0

            self.wait_outside(happened, lambda seconds: time.sleep(min(seconds, 1e-5)), "nothing")

    def late(name: str) -> Callable[..., None]:
        parent = getattr(model, name)

        def method(self: Any, *steps: int) -> None:
            wait(self)
            parent(self, *steps)
            wait(self)

        return method

    run_ahead = ahead and model.__dict__.get("run_ahead", False)
    names = ["run_spk", *PHASES, *([batch_method(model)] if run_ahead and batch_method(model) else [])]
    namespace = {name: late(name) for name in names}
    return type(f"Late{model.__name__}", (model,), {**namespace, "run_ahead": run_ahead})


class Configuration(Loihi2SimCfg):
    """Models of a case, those of networks inside included, with the delays of a variant."""

    def __init__(self, built: Built, variant: Variant, **options: Any) -> None:
        super().__init__(
            select_tag=built.case.tag, exception_proc_model_map=built.models, loglevel=50, **options
        )
        self._variant = variant

    def select(self, process: Any, proc_models: Any) -> Any:
        """See RunConfig."""
        model = super().select(process, proc_models)
        variant = self._variant
        if variant.delays is None or issubclass(model, AbstractSubProcessModel):
            return model
        return dawdling(model, variant.ahead, variant.delays)


def placements(built: Built, seed: int) -> dict[str, Any]:
    """Options of a run configuration that spread the processes of a case over workers."""
    dice = random.Random(seed)
    if dice.random() < 0.3:
        return {"workers": dice.randint(2, 3)}
    places: list[Any] = [0, 1, 2, 1, "process", "thread"]
    processes = [*built.nodes.values(), *built.sinks.values(), *built.accesses.values()]
    where = {process: dice.choice(places) for process in processes if dice.random() < 0.8}
    for process, place in where.items():
        # Threads share numpy's global generator, which docs/workers.md says.
        if isinstance(process, Noise) and place == "thread":
            where[process] = "process"
    return {"workers": dice.randint(1, 2), "worker_placement": where}


def _lengths(case: Case, split: str) -> list[tuple[int, int | None]]:
    """Steps of each run, and which run of the case ends with it."""
    if split == "single steps":
        return [(1, k if step == n - 1 else None) for k, n in enumerate(case.runs) for step in range(n)]
    if split == "as given":
        return [(n, k) for k, n in enumerate(case.runs)]
    found: list[tuple[int, int | None]] = []
    steps = 0
    changed = {change.after for change in case.changes}
    for k, n in enumerate(case.runs):
        steps += n
        if k in changed or k == len(case.runs) - 1:
            found.append((steps, k))
            steps = 0
    return found


def frozen(value: Any) -> tuple[str, tuple[int, ...], bytes]:
    """Type, shape and content, to be compared; all that is no number counts as the same."""
    if isinstance(value, str):
        return "str", (), value.encode()
    array = np.array(value.toarray() if hasattr(value, "toarray") else value)
    if array.dtype.kind in "fc":
        array[np.isnan(array)] = np.nan
    return array.dtype.str, array.shape, array.tobytes()


def run(case: Case, variant: Variant = PLAIN) -> Answers:
    """Run a case; what every Var holds at the end of each run of the case."""
    order = None if variant.order is None else random.Random(variant.order)
    built = build(case, order)
    options = {} if variant.workers is None else placements(built, variant.workers)
    cfg = Configuration(built, variant, **options)
    np.random.seed(case.seed)  # noqa: NPY002
    answers: Answers = {}
    try:
        if variant.again:
            for steps, ends in _lengths(case, "as given"):
                built.main.run(RunSteps(steps), cfg, {"pypy_channel_size": variant.capacity})
                for change in case.changes:
                    if change.after == ends:
                        apply(case, built, change)
            built.main.runtime.reset()
        for steps, ends in _lengths(case, variant.split):
            built.main.run(RunSteps(steps), cfg, {"pypy_channel_size": variant.capacity})
            if ends is None:
                continue
            for name, var in built.watched().items():
                answers[f"run {ends}, {name}"] = frozen(var.get())
            for change in case.changes:
                if change.after == ends:
                    apply(case, built, change)
    finally:
        built.main.stop()
    return answers


def apply(case: Case, built: Built, change: Change) -> None:
    node, name = change.target
    var = getattr(built.nodes[node], name)
    rng = np.random.default_rng(change.seed)
    if case.nodes[node].tag == FIXED:
        value: Any = rng.integers(-100, 200, var.shape).astype(float)
    else:
        value = np.round(rng.normal(0, 4, var.shape), 2)
    var.set(value)


def differences(wanted: Answers, got: Answers) -> list[str]:
    """Where the answers of two variants differ; a Var of "joined" runs is looked at less often."""
    found = []
    for name, value in got.items():
        if value != wanted[name]:
            found.append(f"{name}: {_shown(value)} instead of {_shown(wanted[name])}")
    return found


def _shown(value: tuple[str, tuple[int, ...], bytes]) -> str:
    dtype, shape, content = value
    if dtype == "str":
        return content.decode()
    return f"{np.frombuffer(content, dtype).reshape(shape).tolist()} ({dtype})"


def check(case: Case, variants: list[Variant] | None = None) -> None:
    """Run a case in all ways, or in these.

    Raises
    ------
    AssertionError
        If the answers of one of them differ from those of the first; the message names the variant.
    """
    wanted = run(case)
    for variant in drawn(case.seed) if variants is None else variants:
        try:
            found = differences(wanted, run(case, variant))
        except Exception as error:
            raise AssertionError(f"{variant} failed, unlike {PLAIN}: {error}") from error
        assert not found, f"{variant} differs:\n" + "\n".join(found[:10])
