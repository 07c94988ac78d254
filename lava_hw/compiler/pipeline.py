"""The compiler from end to end. Start reading here: one line per pass, each a pure function over frozen
types (types.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lava_hw import progress as bars
from lava_hw.chip import Chip
from lava_hw.compiler.advise import advised, room_for_synapses
from lava_hw.compiler.check import MAX_SHARD
from lava_hw.compiler.choose import choose_models
from lava_hw.compiler.divide import divide, parts_that_fit
from lava_hw.compiler.encode import encode
from lava_hw.compiler.errors import DoesNotFit
from lava_hw.compiler.legalise import legalise
from lava_hw.compiler.level import level
from lava_hw.compiler.lower import lower_network
from lava_hw.compiler.partition import Placement, partition
from lava_hw.compiler.place import place
from lava_hw.compiler.placed_types import Placed, Routed
from lava_hw.compiler.route import route
from lava_hw.compiler.schedule import schedule
from lava_hw.compiler.types import Legal
from lava_hw.graph import Flat
from lava_hw.image import Image
from lava_hw.magma.core.process.ports.ports import OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig
from lava_hw.regs import BLOCK
from lava_hw.tracebacks import short_tracebacks

ChipLike = str | Path | Chip
_ROUNDS = 2
"""Times that lanes are leveled: shards become larger by the first one, and the second one levels these."""

_SHARES = (1, 2, 4, 8, 16)
"""Parts of the synapse memory of a core that a part of a connection may take, one after the other."""


def compile_flat(
    flat: Flat,
    chip: ChipLike,
    outputs: Iterable[str] = (),
    placement: Placement | None = None,
    open_inputs: bool = False,
    progress: bool | None = None,
    split: Mapping[str, int] | None = None,
) -> Image:
    """Compile a network whose models were chosen.

    Parameters
    ----------
    flat : Flat
        What `lava_hw.graph.flatten` gave.
    chip : str or Path or Chip
        Name of configs/, a YAML file, or a Chip.
    outputs : iterable of str
        Out ports (``process.port``) of processes of the chip to send outside, besides those that are
        linked to processes outside.
    placement : mapping of str to int or sequence of int, optional
        Core or cores of a process, by name; the compiler places the others.
    open_inputs : bool
        Whether in ports of the chip to which nothing is connected become inputs.
    progress : bool, optional
        Whether a bar shows what lasts more than a second; None: in a terminal or notebook.
    split : mapping of str to int, optional
        In how many parts to sum what the sources of a connection send, by its name; one that is not named
        is divided where no core holds it.

    Raises
    ------
    CompileError
        If the network cannot be compiled for the chip; the message says why and what to do.
    """
    return compile_planned(flat, chip, outputs, placement, open_inputs, progress, split)[0]


def compile_planned(
    flat: Flat,
    chip: ChipLike,
    outputs: Iterable[str] = (),
    placement: Placement | None = None,
    open_inputs: bool = False,
    progress: bool | None = None,
    split: Mapping[str, int] | None = None,
) -> tuple[Image, Routed]:
    """As `compile_flat`, and say what is on which core.

    Raises
    ------
    CompileError
        See `compile_flat`.
    """
    chip = chip if isinstance(chip, Chip) else Chip.load(chip)
    with bars.bar(None, f"compiling for chip {chip.name}", "s", progress, delay=1.0).tick():
        planned = plan(legalise(lower_network(flat), outputs, open_inputs), chip, placement, split)
        return encode(planned, chip), planned


def plan(
    legal: Legal, chip: Chip, placement: Placement | None = None, split: Mapping[str, int] | None = None
) -> Routed:
    """Divide, partition, place, stage and route.

    Raises
    ------
    DoesNotFit
        If the chip is too small; the message says which would do.
    CompileError
        See `compile_flat`.
    """
    try:
        return fit(legal, chip, placement, split)
    except DoesNotFit as error:
        raise advised(error, legal, chip, lambda other: fit(legal, other, None, split)) from None


def fit(
    legal: Legal, chip: Chip, placement: Placement | None = None, split: Mapping[str, int] | None = None
) -> Routed:
    """As `plan`, without advice.

    A connection is divided where this was asked for, or where else there is no room: first so that each part
    fills a core, then so that smaller parts fit into what is left of cores.
    """
    asked = split or {}
    tried = divide(legal, asked)
    try:
        return route(schedule(_place_level(tried, chip, placement)), chip)
    except DoesNotFit as error:
        if error.resource != "synapse_lines" or not room_for_synapses(legal, chip):
            raise
        first = error
    parts = dict(asked)
    for share in _SHARES:
        more = parts_that_fit(legal, chip, chip.synapse_lines // share, asked)
        if more == parts:
            continue
        parts = more
        try:
            return route(schedule(_place_level(divide(legal, parts), chip, placement)), chip)
        except DoesNotFit as error:
            if error.resource != "synapse_lines":
                break  # finer parts need more of all else
    raise first


def _place_level(legal: Legal, chip: Chip, placement: Placement | None) -> Placed:
    """Place, and then level the lanes of the shards that were found: with fewer words these may be larger."""
    placed, failed = None, None
    cuts = {
        name: tuple((first, min(MAX_SHARD, cell.size - first)) for first in range(0, cell.size, MAX_SHARD))
        for name, cell in legal.neurons.items()
    }
    try:
        placed = _place(legal, chip, placement)
        cuts = _cuts(placed)
    except DoesNotFit as error:
        failed = error
    for _ in range(_ROUNDS):
        leveled = level(legal, chip.lanes, cuts)
        if leveled is legal:
            break
        try:
            placed = _place(leveled, chip, placement)
        except DoesNotFit as error:
            failed = failed or error
            break
        if _cuts(placed) == cuts:
            break
        cuts = _cuts(placed)
    if placed is None:
        assert failed is not None
        raise failed
    return placed


def _cuts(placed: Placed) -> dict[str, tuple[tuple[int, int], ...]]:
    """First neuron and count of all shards, by the neurons."""
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in placed.legal.neurons}
    for shard in sorted(shard for of_core in placed.cores.values() for shard in of_core):
        found[shard.neurons].append((shard.first, shard.count))
    return {name: tuple(cuts) for name, cuts in found.items()}


def _place(legal: Legal, chip: Chip, placement: Placement | None) -> Placed:
    """Partition and place: in the order of the network, else the largest first, else with smaller shards."""
    first: DoesNotFit | None = None
    most = MAX_SHARD
    largest = most + 1
    while most >= BLOCK:
        # Nothing is cut anew by a limit that no shard reaches.
        if most < largest:
            parted = partition(legal, chip, placement, most)
            largest = max(shard.count for cluster in parted.clusters for shard in cluster.shards)
            for largest_first in (False, True):
                try:
                    return place(parted, chip, largest_first)
                except DoesNotFit as error:
                    first = first or error
        most = most // 2 // BLOCK * BLOCK
    assert first is not None
    raise first


@short_tracebacks
def compile_network(
    net: AbstractProcess | Sequence[AbstractProcess],
    chip: ChipLike,
    run_cfg: RunConfig | None = None,
    outputs: OutPort | str | Iterable[OutPort | str] = (),
    placement: Placement | None = None,
    *,
    split: Mapping[str, int] | None = None,
    strict: bool | None = None,
) -> Image:
    """Compile a network of processes into an image that runs without them.

    Parameters
    ----------
    net : process or sequence of processes
        One process of each connected network.
    chip : str or Path or Chip
        Name of configs/, a YAML file, or a Chip.
    run_cfg : RunConfig, optional
        Chooses the models; by default every process that has a model for the chip runs on it.
    outputs : OutPort, str, or an iterable of them
        Out ports of processes of the chip that can be drained, besides those that are connected to
        processes outside.
    placement : mapping, optional
        Core or cores of a process, by name; by default that of `run_cfg`.
    split : mapping of str to int, optional
        Parts into which the sources of a connection are cut, by name; by default that of `run_cfg`.
    strict : bool, optional
        Whether each warning of the package about this network is an error; by default that of `run_cfg`.

    Returns
    -------
    Image
        The same network, chip and options give the same bytes.

    Raises
    ------
    CompileError
        If the network cannot be compiled for the chip.
    UndefinedValueError
        If an initial value has no defined meaning for the model of its process.
    LavaHwWarning
        If `strict`.
    """
    run_cfg = run_cfg if run_cfg is not None else HwRunCfg(device="golden")
    flat = choose_models(net, run_cfg, strict)
    if placement is None:
        placement = getattr(run_cfg, "placement", None)
    if split is None:
        split = getattr(run_cfg, "split", None)
    names = {p.process.serial: p.name for p in flat.processes}
    if isinstance(outputs, (str, OutPort)):
        outputs = [outputs]
    named = [_named(port, names) for port in outputs]
    return compile_flat(
        flat, chip, named, placement, open_inputs=True, progress=run_cfg.progress, split=split
    )


def _named(port: OutPort | str, names: dict[int, str]) -> str:
    if isinstance(port, str):
        return port
    if not isinstance(port, OutPort):
        raise TypeError(f"outputs: an OutPort, or its name process.port, is needed, got {port!r}")
    process = port.process
    return f"{names.get(process.serial, process._shown) if process is not None else '?'}.{port.name}"
