"""Random networks of all processes of the library: the answers are equal, however a network is run."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings

from lava_hw.graph.discover import find_models
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from tests.fuzz.growing import cases
from tests.fuzz.kinds import KINDS, Kind
from tests.fuzz.library import Case, Link, Node
from tests.fuzz.search import SEARCH
from tests.fuzz.user_written import Where
from tests.fuzz.variants import PLAIN, Variant, check, differences, drawn, run

CORPUS = Path(__file__).parent / "corpus" / "library"

pytestmark = [
    # Loops of graded values leave what floats and integers can hold; what is computed then is compared too.
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    # They have values on purpose that are changed, or that Loihi does not have.
    pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning"),
]


def _compare(number: int, examples: int) -> None:
    @settings(SEARCH, max_examples=examples)
    @seed(number)
    @given(cases())
    def compare(case: Case) -> None:
        note(json.dumps(case.to_json()))
        check(case)

    compare()


@pytest.mark.parametrize("shard", range(4))
def test_random_networks(shard: int) -> None:
    _compare(20261125 + shard, 6)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(4, 8))
def test_more_random_networks(shard: int) -> None:
    _compare(20261125 + shard, 40)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda p: p.stem)
def test_corpus(path: Path) -> None:
    check(Case.from_json(json.loads(path.read_text())), [v for number in range(4) for v in drawn(number)])


@pytest.mark.parametrize(
    ("name", "tag"), [(name, tag) for name, kind in KINDS.items() for tag in kind.tags], ids=str
)
def test_each_kind_of_process(name: str, tag: str) -> None:
    @settings(
        max_examples=2,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @seed(3)
    @given(cases((name, tag)))
    def compare(case: Case) -> None:
        text = json.dumps(case.to_json())
        note(text)
        again = Case.from_json(json.loads(text))
        assert json.dumps(again.to_json()) == text
        assert (name, tag) in {(node.kind, node.tag) for node in again.nodes[:2]}
        check(again, [replace(drawn(case.seed)[-1], split="as given")])

    compare()


def test_which_networks_run_ahead() -> None:
    """A third of the networks is drawn from kinds that let others run ahead; this is what they must be."""
    for name, kind in KINDS.items():
        ahead = [m.__dict__.get("run_ahead", False) for m in find_models(kind.cls) if not _has_no_steps(m)]
        assert not any(ahead) if kind.lockstep else all(ahead), name


def _has_no_steps(model: type) -> bool:
    return issubclass(model, (AbstractSubProcessModel, AbstractHwProcessModel))


def test_differences_are_seen() -> None:
    """That a network with another number in it has other answers, and the message says where."""
    source = Node("Source", "fixed_pt", {"data": {"array": [[1, 2, 3]]}})
    other = Node("Source", "fixed_pt", {"data": {"array": [[1, 2, 4]]}})
    sigma = Node("Sigma", "fixed_pt", {"shape": {"shape": [1]}})
    link = Link(((0, "s_out"),), (1, "a_in"))
    first, second = (
        run(Case("fixed_pt", (node, sigma), (link,), ((1, "s_out"),), (), (), (3, 2), 0))
        for node in (source, other)
    )
    found = differences(first, second)
    assert [line.split(":")[0] for line in found] == [
        "run 0, 0 Source.data",
        "run 0, 1 Sigma.sigma",
        "run 0, sink of (1, 's_out')",
        "run 1, 0 Source.data",
        "run 1, 1 Sigma.sigma",
        "run 1, sink of (1, 's_out')",
    ]
    assert "[7.0] (<f8) instead of [6.0] (<f8)" in found[1]
    assert np.frombuffer(first["run 1, 1 Sigma.sigma"][2]).tolist() == [9.0]


def test_workers_are_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """That a placement is one: in which process of the operating system a model runs."""
    monkeypatch.setitem(KINDS, "Where", Kind(Where, KINDS["Sigma"].draw))
    source = Node("Source", "fixed_pt", {"data": {"array": [[1, 2, 3]]}})
    tell = Node("Where", "fixed_pt", {"shape": {"shape": [1]}})
    links = (Link(((0, "s_out"),), (1, "a_in")),)
    case = Case("fixed_pt", (source, tell), links, (), (), (), (3,), 0)
    seen = {
        int(np.frombuffer(run(case, Variant(workers=number))["run 0, 1 Where.process_id"][2])[0])
        for number in range(12)
    }
    assert os.getpid() in seen
    assert len(seen) > 3


def test_variants_are_run_as_they_say() -> None:
    """Delays change no answer of this case, but a wrong one would be seen: runs end where the case says."""
    source = Node("Source", "fixed_pt", {"data": {"array": [[1, 2, 3]]}})
    sigma = Node("Sigma", "fixed_pt", {"shape": {"shape": [1]}})
    case = Case("fixed_pt", (source, sigma), (Link(((0, "s_out"),), (1, "a_in")),), (), (), (), (3, 2), 0)
    wanted = run(case)
    assert not differences(wanted, run(case, Variant(split="single steps", delays=1, order=2)))
    joined = run(case, Variant(split="joined"))
    assert set(joined) == {name for name in wanted if name.startswith("run 1")}
    assert run(case, PLAIN) == wanted
