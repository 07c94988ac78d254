"""Check: what the limits of a chip are, and what to say where something exceeds them."""

from __future__ import annotations

from collections.abc import Iterator

from lava_hw.chip import Chip
from lava_hw.compiler.errors import DoesNotFit
from lava_hw.compiler.placed_types import CoreLayout, Shard
from lava_hw.compiler.types import Legal
from lava_hw.regs import BLOCK, EVENT_FLIT, INSTRUCTION, POPULATION3

# A graded flit counts neurons of a port within its 12-bit index; so a shard has at most as many.
MAX_SHARD = EVENT_FLIT.fields["index"].mask + 1
MAX_SOURCES = MAX_SHARD * BLOCK
MAX_STREAMS = EVENT_FLIT.fields["conn"].mask + 1
MAX_ROUTES = POPULATION3.fields["route_count"].mask
MAX_OPERANDS = INSTRUCTION.fields["b"].mask + 1

_ADVICE = {
    "neurons": "Use a chip with more neurons a core, or more cores.",
    "state_lines": "Give parameters as one value, not one for each neuron, or use a chip with more of them.",
    "synapse_lines": "Use a chip with more synapse_lines, or fewer sources.",
}


def excess(core: CoreLayout, chip: Chip) -> Iterator[tuple[str, int, int]]:
    """Give (resource, need, limit) of all that a core has too little of."""
    for resource, limit in chip.resources().items():
        if core.usage[resource] > limit:
            yield resource, core.usage[resource], limit


def fits(core: CoreLayout, chip: Chip) -> bool:
    """Say whether a core has enough of everything."""
    return next(excess(core, chip), None) is None


def refuse(what: str, core: CoreLayout, chip: Chip, where: str) -> DoesNotFit:
    """Give the error for populations, if there are too many of them, else for the scarcest resource.

    A population takes whole groups of neurons, and state lines and more with them: where there is one too
    many, these are too many as well, and populations are what a user can count.

    Parameters
    ----------
    what : str
        Who asks.
    where : str
        Who has the limit, e.g. "a core of chip tiny".
    """
    resource, need, limit = max(excess(core, chip), key=lambda e: (e[0] == "populations", e[1] / e[2]))
    advice = _ADVICE.get(resource, f"Use a chip with more {resource}, or a smaller network.")
    return DoesNotFit(what, resource, need, limit, where, advice)


def check_delays(legal: Legal, chip: Chip) -> None:
    """Refuse delays that lead around the ring of slots of a chip.

    Raises
    ------
    DoesNotFit
        If a connection has longer delays than the chip.
    """
    for conn in legal.connections.values():
        need = conn.slot + conn.slots
        if need > chip.delay_slots:
            raise DoesNotFit(
                f"{conn.name} with delays up to {conn.slots - 1}",
                "delay_slots",
                need,
                chip.delay_slots,
                f"chip {chip.name}",
                "Use a chip with more of them (64 at most), give a smaller max_delay, or run it in Python.",
            )


def check_edges(legal: Legal) -> None:
    """Refuse what no chip can hold, because a field of a word is too small.

    Raises
    ------
    DoesNotFit
        If neurons have more inputs than a program can.
    """
    for name, cell in legal.neurons.items():
        inputs = sum(legal.connections[feed.connection].areas for feed in legal.feeds_of.get(name, ()))
        ports = sum((name, port) in legal.open_ports for port in cell.in_ports)
        need = inputs + ports + len(cell.constants)
        if need > MAX_OPERANDS:
            raise DoesNotFit(
                name,
                "constants (one for each connection into it)",
                need,
                MAX_OPERANDS,
                "a program",
                "Join connections (their weights side by side, their sources with concat_with). One with "
                "delays and a negative weight_exp counts once for each delay that it may have.",
            )


def describe(shard: Shard, legal: Legal) -> str:
    """Say what a shard is, for a message: its process, and the role if it is a helper."""
    cell = legal.neurons[shard.neurons]
    role = "" if cell.role == "process" else f" ({cell.role})"
    whole = shard.count == cell.size
    span = "" if whole else f", neurons {shard.first} to {shard.first + shard.count - 1},"
    return f"{shard.neurons}{role}{span}"
