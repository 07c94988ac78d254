"""Random networks in which a model fails: all Vars hold what they held after the last complete step."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, note, seed, settings

from lava_hw import RunSteps
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.runtime.errors import ModelError
from tests.fuzz.growing import cases
from tests.fuzz.kinds import KINDS
from tests.fuzz.library import Built, Case, build
from tests.fuzz.search import SEARCH
from tests.fuzz.variants import PHASES, PLAIN, Answers, Configuration, apply, differences, frozen, placements

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    # Random networks have values on purpose that are changed, or that Loihi does not have.
    pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning"),
]


class Broken(Exception):
    """What a model raises here."""


def failing(model: Any, method: str, step: int, late: bool) -> Any:
    """A model that does what its parent does, but fails in a step, or the first later one with that phase."""

    def fail(self: Any) -> None:
        if late:
            getattr(model, method)(self)
        if self.time_step >= step:
            raise Broken
        if not late:
            getattr(model, method)(self)

    return type(f"Failing{model.__name__}", (model,), {method: fail})


class FailingConfiguration(Configuration):
    """Models of a case, of which one fails."""

    def __init__(self, built: Built, dice: random.Random, **options: Any) -> None:
        super().__init__(built, PLAIN, keep_last_step=True, **options)
        self._target = dice.choice([*built.nodes.values(), *built.sinks.values(), *built.accesses.values()])
        self._step = dice.randint(1, sum(built.case.runs))
        self._phase = dice.choice(PHASES)
        self._in_phase, self._late = dice.random() < 0.5, dice.random() < 0.5

    def select(self, process: Any, proc_models: Any) -> Any:
        """See RunConfig."""
        model = super().select(process, proc_models)
        # A network of processes fails by all of its parts; the first one that runs is the one.
        inside = process
        while inside is not None and inside is not self._target:
            inside = inside.parent_proc
        if inside is None or issubclass(model, AbstractSubProcessModel):
            return model
        method = self._phase if self._in_phase and self._phase in vars(model) else "run_spk"
        return failing(model, method, self._step, self._late)


def values(built: Built) -> Answers:
    return {name: frozen(var.get()) for name, var in built.watched().items()}


def until(case: Case, built: Built, cfg: Any, steps: int) -> None:
    """Run so many steps of a case, and what is done between its runs."""
    np.random.seed(case.seed)  # noqa: NPY002
    built.main.create_runtime(cfg)
    for number, length in enumerate(case.runs):
        if steps <= 0:
            return
        built.main.run(RunSteps(min(length, steps)))
        steps -= length
        for change in case.changes:
            if change.after == number and steps >= 0:
                apply(case, built, change)


def check(case: Case) -> bool:
    """Let a model fail, and compare; False if the one that was drawn never runs what was to fail."""
    dice = random.Random(case.seed)
    built = build(case)
    options = placements(built, dice.getrandbits(30)) if dice.random() < 0.5 else {}
    cfg = FailingConfiguration(built, dice, **options)
    error = None
    try:
        until(case, built, cfg, sum(case.runs))
    except ModelError as caught:
        error = caught
    finally:
        got = values(built)
        last = built.main.runtime.num_steps
        built.main.stop()
    if error is None:
        return False
    found = re.search(r"in step (\d+)", str(error))
    assert found is not None, error
    assert isinstance(error.__cause__, Broken)
    step = int(found[1])
    assert last == step - 1

    again = build(case)
    try:
        until(case, again, Configuration(again, PLAIN), step - 1)
        wanted = values(again)
    finally:
        again.main.stop()
    lines = differences(wanted, got)
    assert not lines, f"after an error in step {step} of {sorted(options)}:\n" + "\n".join(lines[:10])
    return True


def _search(number: int, examples: int, *kind: Any) -> None:
    failed = []

    @settings(SEARCH, max_examples=examples)
    @seed(number)
    @given(cases(*kind))
    def compare(case: Case) -> None:
        note(json.dumps(case.to_json()))
        failed.append(check(case))

    compare()
    assert any(failed)


@pytest.mark.parametrize("shard", range(4))
def test_random_networks(shard: int) -> None:
    _search(20261128 + shard, 10)


@pytest.mark.parametrize(
    ("name", "tag"), [(name, tag) for name, kind in KINDS.items() for tag in kind.tags], ids=str
)
def test_each_kind_of_process(name: str, tag: str) -> None:
    _search(5, 3, (name, tag))
