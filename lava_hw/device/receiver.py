"""Sorts what a chip sends: responses, events up to their END tokens, PAUSED, RESET_DONE, FAULT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import ChipFault
from lava_hw.device.flits import NONE, Flits, end_token, is_code, is_plain, is_response
from lava_hw.regs import EVENT_FLIT, TokenOut


class FlitReceiver:
    """What has come from a chip and was not taken yet."""

    def __init__(self) -> None:
        self.responses: list[Flits] = []
        self.paused = 0
        """Step of the last PAUSED."""
        self.resets = 0
        """Number of RESET_DONE."""
        self.fault: ChipFault | None = None
        """A FAULT that no RESET_DONE followed."""
        self._stream: list[Flits] = []
        self._taken: dict[tuple[int, int], Flits] = {}

    def feed(self, flits: Flits, context: str) -> None:
        """Take flits in.

        Raises
        ------
        ChipFault
            If one of them is a FAULT that no RESET_DONE follows; everything is taken all the same.
        """
        if not len(flits):
            return
        if is_plain(flits):
            self._stream.append(flits)
            return
        response = is_response(flits)
        if response.any():
            self.responses.append(flits[response])
            flits = flits[~response]
        paused = is_code(flits, TokenOut.PAUSED)
        if paused.any():
            self.paused = EVENT_FLIT.get(int(flits[paused][-1]), "payload")
            flits = flits[~paused]
        other = is_code(flits, TokenOut.FAULT) | is_code(flits, TokenOut.RESET_DONE)
        special = flits[other]
        if len(flits) > len(special):
            self._stream.append(flits[~other] if len(special) else flits)
        for word in special.tolist():
            if EVENT_FLIT.get(word, "conn") == TokenOut.FAULT:
                code = EVENT_FLIT.get(word, "payload")
                self.fault = ChipFault(EVENT_FLIT.get(word, "index"), code, context)
            else:
                self.fault = None
                self.resets += 1
        if self.fault is not None:
            raise self.fault

    def count_responses(self) -> int:
        """Give the number of responses that were not taken."""
        return sum(map(len, self.responses))

    def take_responses(self) -> Flits:
        """Take all responses, in order."""
        result = np.concatenate(self.responses) if self.responses else NONE
        self.responses.clear()
        return result

    def take_stage(self, step: int, stage: int) -> Flits | None:
        """Take the events of (step, stage) with their END, or give None if the END has not come."""
        found = self._taken.pop((step, stage), None)
        if found is not None:
            return found
        stream = self._merge()
        place = np.flatnonzero(stream == np.uint64(end_token(step, stage)))
        if not len(place):
            return None
        segment = self._cut(stream, int(place[0]) + 1)
        ends = np.flatnonzero(is_code(segment, TokenOut.END))
        begin = 0
        for end in ends[:-1].tolist():  # stages that nobody has asked for yet
            word = int(segment[end])
            key = EVENT_FLIT.get(word, "payload"), EVENT_FLIT.get(word, "index")
            self._taken[key] = segment[begin : end + 1]
            begin = end + 1
        return segment[begin:]

    @property
    def held(self) -> int:
        """Events and END tokens that were not taken."""
        return sum(map(len, self._stream))

    def take_steps(self, last_stage: int, most: int) -> tuple[Flits, int]:
        """Take the whole steps that have come.

        Parameters
        ----------
        last_stage : int
            The last stage of a step that gives END.
        most : int
            Steps to take at most, at least 1.

        Returns
        -------
        segment : ndarray of uint64
            Events and END tokens up to the last END of that stage.
        steps : int
            Number of steps in it.
        """
        stream = self._merge()
        ends: NDArray[np.bool_] = is_code(stream, TokenOut.END)
        ends &= EVENT_FLIT.get_array(stream, "index") == last_stage
        place = np.flatnonzero(ends)[:most]
        if not len(place):
            return NONE, 0
        return self._cut(stream, int(place[-1]) + 1), len(place)

    def clear(self) -> None:
        """Forget everything, for a reset."""
        self.responses.clear()
        self._stream.clear()
        self._taken.clear()
        self.paused = 0
        self.fault = None

    def _merge(self) -> Flits:
        if len(self._stream) > 1:
            self._stream = [np.concatenate(self._stream)]
        return self._stream[0] if self._stream else NONE

    def _cut(self, stream: Flits, end: int) -> Flits:
        self._stream = [stream[end:]] if end < len(stream) else []
        return stream[:end]
