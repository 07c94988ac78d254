"""What comes from the chip is sorted, and nothing of it is lost, in whatever order it is taken."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw.device.errors import ChipFault
from lava_hw.device.flits import Flits, end_token
from lava_hw.device.receiver import FlitReceiver
from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, FlitType, TokenOut


def event(number: int) -> int:
    return EVENT_FLIT.pack(kind=FlitType.GRADED, egress=1, payload=number)


def token(code: TokenOut, **fields: int) -> int:
    return EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=code, **fields)


def flits(*words: int) -> Flits:
    return np.array(words, np.uint64)


STREAM = flits(
    *(event(1), end_token(4, 0)),
    *(event(2), event(3), end_token(4, 2)),
    *(end_token(5, 0), event(4), end_token(5, 2), event(5)),
)
WANTED = {
    (4, 0): [event(1), end_token(4, 0)],
    (4, 2): [event(2), event(3), end_token(4, 2)],
    (5, 0): [end_token(5, 0)],
    (5, 2): [event(4), end_token(5, 2)],
}


@pytest.mark.parametrize("pieces", [1, 3, 9])
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 0, 3, 2], [3, 0, 1, 2], [3, 2, 1, 0]])
def test_stages_in_any_order(order: list[int], pieces: int) -> None:
    receiver = FlitReceiver()
    for piece in np.array_split(STREAM, pieces):
        receiver.feed(piece, "")
    for number in order:
        stage = list(WANTED)[number]
        taken = receiver.take_stage(*stage)
        assert taken is not None
        assert taken.tolist() == WANTED[stage]
    assert receiver.take_stage(5, 2) is None
    # The event behind the last END belongs to the next stage.
    receiver.feed(flits(end_token(6, 0)), "")
    taken = receiver.take_stage(6, 0)
    assert taken is not None
    assert taken.tolist() == [event(5), end_token(6, 0)]


def test_whole_steps_only() -> None:
    receiver = FlitReceiver()
    receiver.feed(STREAM[:6], "")
    segment, steps = receiver.take_steps(2, 10)
    assert (segment.tolist(), steps) == (STREAM[:5].tolist(), 1)
    receiver.feed(STREAM[6:], "")
    segment, steps = receiver.take_steps(2, 1)
    assert (segment.tolist(), steps) == (STREAM[5:8].tolist(), 1)
    assert receiver.take_steps(2, 1)[1] == 0
    assert receiver.held == 1


def test_what_is_no_event_is_sorted_out() -> None:
    response = CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE, core=1, addr=2, data=3)
    receiver = FlitReceiver()
    paused = token(TokenOut.PAUSED, payload=7)
    receiver.feed(flits(response, event(1), paused, end_token(4, 0), response), "")
    assert receiver.take_responses().tolist() == [response, response]
    assert receiver.count_responses() == 0
    assert receiver.paused == 7
    taken = receiver.take_stage(4, 0)
    assert taken is not None
    assert taken.tolist() == [event(1), end_token(4, 0)]


def test_a_fault_is_raised_after_all_was_taken() -> None:
    receiver = FlitReceiver()
    with pytest.raises(ChipFault, match="it ran"):
        receiver.feed(flits(event(1), token(TokenOut.FAULT, index=9, payload=1), end_token(1, 0)), "it ran")
    assert receiver.fault is not None
    assert receiver.take_stage(1, 0) is not None
    receiver.feed(flits(token(TokenOut.FAULT, index=9, payload=1), token(TokenOut.RESET_DONE)), "")
    assert receiver.fault is None
    assert receiver.resets == 1
