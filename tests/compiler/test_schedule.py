"""Schedule: longest paths of latency 0, tokens, loops."""

from __future__ import annotations

from typing import Any

import pytest

from lava_hw.compiler import DoesNotFit, ZeroLatencyLoop
from lava_hw.compiler.placed_types import Placed, Scheduled
from lava_hw.compiler.schedule import schedule
from lava_hw.compiler.types import Legal
from tests.compiler.processes import Answers, Leads, Says, Unclear, chain, dense, legal, lif


def scheduled(*processes: Any, **options: Any) -> Scheduled:
    net: Legal = legal(*processes, **options)
    return schedule(Placed(net, {}))


def test_connections_start_anew() -> None:
    a, d, b, e = lif(4), dense(4, 4), lif(4), dense(4, 4)
    chain(a, d, b, e, a)
    found = scheduled(a)
    assert set(found.stages.values()) == {0}
    assert (found.count, found.needs_close, found.needs_end) == (1, (), ())


def test_a_chain_of_neurons_takes_a_stage_each() -> None:
    a, b, c = lif(4), lif(4), lif(4)
    chain(a, b, c)
    found = scheduled(a, outputs=("LIF_1.s_out",))
    assert [found.stages[n] for n in ("LIF_0", "LIF_1", "LIF_2")] == [0, 1, 2]
    assert found.needs_end == (1, 2), "the stage that sends, and the last one"
    assert found.needs_close == ()


def test_the_longest_way_counts() -> None:
    a, b, c = lif(4), lif(4), lif(4)
    chain(a, b, c)
    a.s_out.connect(c.a_in)
    assert scheduled(a).stages["LIF_2"] == 2


def test_through_python_within_a_step() -> None:
    a, p, q, b = lif(4), Answers((4,)), Answers((4,)), lif(4)
    chain(a, p, q, b)
    found = scheduled(a)
    assert (found.stages["LIF_0"], found.stages["LIF_3"]) == (0, 1)
    assert found.needs_close == (0, 1), "stage 0 always closes, or nobody knows which step an event is for"
    assert found.needs_end == (0, 1)


def test_a_merge_comes_after_its_neurons() -> None:
    a, b, d = lif(4), lif(4), dense(4, 4)
    a.s_out.connect(d.s_in)
    b.s_out.connect(d.s_in)
    assert scheduled(a).stages["Dense_2.s_in"] == 1


def test_messages_into_connections_close_only_stage_0() -> None:
    a, p, d = lif(4), Answers((4,)), dense(4, 4)
    chain(p, d, a)
    assert scheduled(a).needs_close == (0,)


def test_a_loop_of_neurons_is_named() -> None:
    a, b = lif(4, name="one"), lif(4, name="two")
    chain(a, b, a)
    with pytest.raises(ZeroLatencyLoop) as caught:
        scheduled(a)
    assert set(caught.value.links) == {("one.s_out", "two.a_in"), ("two.s_out", "one.a_in")}
    for text in ("one.s_out -> two.a_in", "two.s_out -> one.a_in", "latency 0", "Dense"):
        assert text in str(caught.value)


def test_a_neuron_that_feeds_itself_is_a_loop() -> None:
    a = lif(4)
    chain(a, a)
    with pytest.raises(ZeroLatencyLoop, match=r"LIF_0\.s_out -> LIF_0\.a_in"):
        scheduled(a)


def test_a_loop_through_a_merge_is_no_loop_but_through_python_it_is() -> None:
    a, b, d = lif(4), lif(4), dense(4, 4)
    a.s_out.connect(d.s_in)
    b.s_out.connect(d.s_in)
    d.a_out.connect(a.a_in)
    assert scheduled(a).count == 2
    c, p = lif(4), Answers((4,), name="plant")
    chain(c, p, c)
    with pytest.raises(ZeroLatencyLoop, match=r"plant\.out -> LIF_0\.a_in.*LIF_0\.s_out -> plant\.inp"):
        scheduled(c)


@pytest.mark.parametrize("plant", [Leads, Unclear, Says])
def test_a_plant_that_sends_first_closes_the_loop(plant: type) -> None:
    a, p = lif(4), plant((4,))
    chain(a, p, a)
    found = scheduled(a)
    assert (found.count, found.needs_close, found.needs_end) == (1, (0,), (0,))


def test_two_unclear_processes_must_say_who_leads() -> None:
    a, p, b, q = lif(4), Unclear((4,), name="p"), lif(4), Unclear((4,), name="q")
    chain(a, p, b, q, a)
    with pytest.raises(ZeroLatencyLoop, match=r"p and q.*sends_first"):
        scheduled(a)
    a, p, b, q = lif(4), Unclear((4,)), lif(4), Says((4,))
    chain(a, p, b, q, a)
    found = scheduled(a)
    assert (found.stages["LIF_0"], found.stages["LIF_2"]) == (0, 1)


def test_a_loop_outside_the_chip_is_not_the_compilers_business() -> None:
    a, p, q, b = lif(4), Answers((4,)), Answers((4,)), lif(4)
    chain(a, p, q, p)
    chain(q, b)
    assert scheduled(a).stages["LIF_3"] == 1


def test_too_many_stages_are_refused() -> None:
    cells = [lif(2) for _ in range(17)]
    chain(*cells)
    with pytest.raises(DoesNotFit, match="LIF_16 needs 17 stages of latency 0, but a step has 16"):
        scheduled(cells[0])
    assert scheduled(*_chain_of(16)).count == 16


def _chain_of(count: int) -> list[Any]:
    cells = [lif(2) for _ in range(count)]
    chain(*cells)
    return cells
