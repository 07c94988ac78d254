"""Illegal flits of every sort, at any place of a stream behind its configuration (docs/chip.md, rule 10).

None of them can be taken for what the stream sends anyway, so that no event meets a stage that it should not.
"""

from __future__ import annotations

from hypothesis import strategies as st

from lava_hw import regs
from lava_hw.chip import Chip
from lava_hw.regs import CONFIG_FLIT, CONTROL_CORE, EVENT_FLIT, ChipCsr, ConfigOp, CoreCsr, FlitType, TokenIn
from tests.fuzz.flit_case import FlitCase, Item
from tests.fuzz.flit_networks import Network
from tests.fuzz.flit_programs import Choices
from tests.fuzz.flit_streams import grow

_LATE = 1000  # steps that no stream reaches
_NO_REGION = max(regs.CoreRegion) + 1


class Spoiler:
    """Draws illegal flits for a configuration."""

    def __init__(self, choices: Choices, network: Network) -> None:
        self.choices, self.network, self.chip = choices, network, network.chip
        self.sorts = (
            *(self.event_to_nowhere, self.event_without_connection, self.word_that_is_not_there),
            *(self.unknown, self.close, self.run, self.reset, self.read, self.write),
        )

    def draw(self) -> Item:
        """An illegal flit, or one that is illegal at most places."""
        return self.choices.one(self.sorts)()

    def nowhere(self) -> int:
        """A number of 7 bits that is no core."""
        chip, choices = self.chip, self.choices
        found = choices.one((chip.mesh_x, 8 * chip.mesh_y, 62, 63, 64, 127, choices.up_to(127)))
        return found if found not in chip.cores else 63

    def event_to_nowhere(self) -> Item:
        """An event for a core that is not there, or for an egress port."""
        choices = self.choices
        egress = choices.up_to(1)
        dest = choices.up_to(127) if egress else self.nowhere()
        return self._event(egress=egress, dest=dest, conn=choices.up_to(255))

    def event_without_connection(self) -> Item:
        """An event for a connection that has no descriptor, or for one behind the table."""
        choices = self.choices
        core = choices.one(list(self.network.cores.values()))
        numbers = [*self.network.unused(core), *range(self.chip.connections, 256)]
        if not numbers:
            return self.event_to_nowhere()
        return self._event(dest=core.number, conn=numbers[0] if choices.chance(3) else choices.one(numbers))

    def _event(self, **fields: int) -> Item:
        kind = self.choices.up_to(FlitType.GRADED)
        return self._raw(
            EVENT_FLIT.pack(kind=kind, index=self.choices.up_to(4095), payload=self.choices.word(), **fields)
        )

    def _raw(self, flit: int) -> Item:
        return ["raw", f"{flit:#018x}"]

    def word_that_is_not_there(self) -> Item:
        """READ or WRITE of an absent core, region, word or register."""
        choices = self.choices
        core = choices.one((*self.chip.cores, CONTROL_CORE, self.nowhere() & 63))
        op = choices.one((ConfigOp.READ, ConfigOp.WRITE))
        region = choices.one((choices.up_to(15, _NO_REGION), 0))
        address = regs.CORE_ADDR.pack(region=region, offset=choices.up_to((1 << 18) - 1, max(CoreCsr) + 1))
        if core == CONTROL_CORE:
            address = choices.one((max(ChipCsr) + 1, 256, address))
        data = choices.up_to(9) if op == ConfigOp.READ else choices.word()
        return self._raw(CONFIG_FLIT.pack(cfg=1, op=op, core=core, addr=address, data=data))

    def unknown(self) -> Item:
        """A kind, a token code or an operation that there is not."""
        choices = self.choices
        noise = choices.word()
        return self._raw(
            choices.one(
                (
                    EVENT_FLIT.pack(
                        kind=choices.up_to(7, FlitType.TOKEN + 1), conn=choices.up_to(255), payload=noise
                    ),
                    EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=0, payload=noise),
                    EVENT_FLIT.pack(
                        kind=FlitType.TOKEN, conn=choices.up_to(255, max(TokenIn) + 1), payload=noise
                    ),
                    CONFIG_FLIT.pack(
                        cfg=1, op=choices.up_to(3, ConfigOp.RESPONSE), core=choices.up_to(63), data=noise
                    ),
                )
            )
        )

    def close(self) -> Item:
        """CLOSE of a step or stage that is not the next one."""
        late, stage = self.choices.up_to(_LATE, 0) + _LATE, self.choices.up_to(16)
        return self.choices.one((["close", late, stage], ["close", 0, stage], ["close", 1, 16 + stage]))

    def run(self) -> Item:
        """RUN of a step that is complete, wherever it comes."""
        return ["run", 0]

    def reset(self) -> Item:
        """RESET, which is a fault where a CLOSE is waited for."""
        return ["reset"]

    def read(self) -> Item:
        """READ of registers, which is a fault where a CLOSE is waited for."""
        core = self.choices.one((*self.chip.cores, CONTROL_CORE))
        return ["read", core, "CSR", 0, 1 + min(max(ChipCsr), max(CoreCsr))]

    def write(self) -> Item:
        """WRITE of what can only be read, which is a fault where a CLOSE is waited for."""
        return ["write", CONTROL_CORE, "CSR", int(ChipCsr.STEP), [self.choices.word()]]


@st.composite
def illegal(draw: st.DrawFn, chip: Chip) -> FlitCase:
    """Draw a case with faults."""
    return illegal_case(Choices.of(draw), chip)


def illegal_case(choices: Choices, chip: Chip) -> FlitCase:
    """Draw a case with faults."""
    jitter = choices.one((0, choices.up_to(2**20)))
    network = Network(choices, chip, bad=choices.up_to(3) > 0)
    items, configured = grow(choices, network, restarts=True)
    spoiler = Spoiler(choices, network)
    for _ in range(choices.up_to(3) if network.bad else choices.up_to(5, 1)):
        resets = [n for n, item in enumerate(items) if item == ["reset"]]  # the chip is paused behind them
        place = choices.one(resets) + 1 if choices.chance(3) else choices.up_to(len(items), configured)
        some = [spoiler.draw() for _ in range(choices.one((1, 1, 2, 4)))]
        items[place:place] = [*some, *([["reset"]] if choices.chance(2) else [])]
    items += [*network.everything(), ["reset"], *network.everything(), ["sync"]]
    return FlitCase(chip.to_dict(), tuple(items), jitter)
