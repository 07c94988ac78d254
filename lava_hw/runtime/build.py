"""Builds a worker from a flat network: participants, channels, domains, references."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.graph.flat import Flat, FlatProcess, Link
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.runtime.channel import Channel
from lava_hw.runtime.crew.elsewhere import Elsewhere
from lava_hw.runtime.crew.ends import ReceivingEnd, SendingEnd
from lava_hw.runtime.domain import Domain
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.last_step import keeps_steps
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.phases import Phases, References, has_guards
from lava_hw.runtime.placement import Placement
from lava_hw.runtime.python import PythonParticipant
from lava_hw.runtime.rng import GlobalRandom
from lava_hw.runtime.run_ahead import needs_lockstep
from lava_hw.runtime.scheduler import Worker

if TYPE_CHECKING:
    from lava_hw.runtime.crew.post import Post

__all__ = ["Site", "assemble", "read_options"]

# Options of Lava's compile_config that have no meaning here but may be given.
_IGNORED = {
    "loihi_gen",
    "long_event_timeout",
    "short_event_timeout",
    "use_watchdog",
    "cache",
    "cache_dir",
    "folded_view",
    "partitioning",
}


def read_options(compile_config: dict[str, Any] | None) -> int:
    """Capacity of the channels.

    Raises
    ------
    ValueError
        If an option is unknown or the capacity is below 1.
    """
    options = dict(compile_config or {})
    capacity = options.pop("pypy_channel_size", 64)
    unknown = sorted(set(options) - _IGNORED)
    if unknown:
        raise ValueError(f"compile_config: unknown option {unknown[0]!r}; known: 'pypy_channel_size'.")
    if not isinstance(capacity, int) or capacity < 1:
        raise ValueError(f"compile_config: pypy_channel_size must be an int >= 1, got {capacity!r}.")
    return capacity


@dataclass(frozen=True)
class Site:
    """A worker among others.

    Parameters
    ----------
    placement : Placement
        What runs where.
    number : int
        Number of the worker.
    post : Post or None
        Reaches the others; None if there are none.
    references : References or None
        Serves the RefPorts of a worker that is not the program's.
    dtypes : dict
        (process, port) -> element type of what the chip sends, where the chip is in another worker.
    """

    placement: Placement
    number: int = 0
    post: Post | None = None
    references: References | None = None
    dtypes: dict[tuple[int, str], str] = field(default_factory=dict)

    def of(self, process: FlatProcess) -> int:
        """Number of the worker that executes a process."""
        return self.placement.workers[process.index]


def assemble(
    worker: Worker, flat: Flat, run_cfg: RunConfig, capacity: int, site: Site
) -> dict[int, Participant]:
    """Fill a worker.

    Parameters
    ----------
    worker : Worker
        An empty one.
    flat : Flat
        The network.
    run_cfg : RunConfig
        Says the domains and what the chip is.
    capacity : int
        Messages that a channel holds.
    site : Site
        Which worker it is, and what the others execute.

    Returns
    -------
    dict
        Index of a process -> the participant that executes it, or stands for it.
    """
    owners: dict[int, Participant] = {}
    python = [p for p in flat.processes if not p.on_chip]
    # Library models never touch numpy's global generator.
    if any(not p.model_class.__module__.startswith("lava_hw.") for p in python):
        worker.rng = GlobalRandom()
        worker.rng.begin()
    try:
        chip = None
        if len(python) < len(flat.processes) and site.number == 0:
            chip = _make_chip(flat, run_cfg, worker)
        for process in flat.processes:
            owner = owners[process.index] = _owner(worker, process, run_cfg, site, chip)
            # The worker's thread closes its participants, also those of a network that could not be built.
            if isinstance(owner, Elsewhere):
                worker.elsewhere.append(owner)
            elif owner not in worker.participants:
                worker.participants.append(owner)
        built = worker.build_others(
            {
                (link.src_process, link.src_port): np.dtype(
                    chip.out_dtype(link.src_process, link.src_port)
                ).str
                for link in flat.links
                if chip is not None
                and flat.processes[link.src_process].on_chip
                and not _inside_chip(flat, link)
            }
        )
        _connect(worker, flat, owners, capacity, site)
        _make_domains(worker, flat, run_cfg, owners, site)
        for participant in worker.participants:
            participant.prepare()
        built()
    finally:
        if worker.rng is not None:
            worker.rng.end()
    return owners


def _owner(
    worker: Worker, process: FlatProcess, run_cfg: RunConfig, site: Site, chip: Participant | None
) -> Participant:
    if process.on_chip and chip is not None:
        return chip
    number = site.of(process)
    if number == site.number:
        participant = PythonParticipant(worker, process, run_cfg.loglevel)
        if process.index in site.placement.threads:
            participant.have_thread()
        return participant
    assert site.post is not None
    return Elsewhere(worker, process, number, site.post)


def _inside_chip(flat: Flat, link: Link) -> bool:
    return flat.processes[link.src_process].on_chip and flat.processes[link.dst_process].on_chip


def _make_chip(flat: Flat, run_cfg: RunConfig, worker: Worker) -> Participant:
    names = ", ".join(f"'{p.name}'" for p in flat.processes if p.on_chip)
    try:
        chip = import_module("lava_hw.runtime.chip")
    except ModuleNotFoundError as err:
        raise RunError(
            f"The processes {names} are to run on the chip, but lava_hw.runtime.chip cannot be "
            f"imported ({err})."
        ) from err
    participant: Participant = chip.make_chip_participant(flat, run_cfg, worker)
    return participant


def _connect(worker: Worker, flat: Flat, owners: dict[int, Participant], capacity: int, site: Site) -> None:
    """One channel for each link that is not inside the chip, or its end in this worker."""
    fan_out = Counter((link.src_process, link.src_port) for link in flat.links)
    fan_in = Counter((link.dst_process, link.dst_port) for link in flat.links)
    for number, link in enumerate(flat.links):
        if _inside_chip(flat, link):
            continue
        src, dst = flat.processes[link.src_process], flat.processes[link.dst_process]
        source, target = owners[link.src_process], owners[link.dst_process]
        here = isinstance(source, Elsewhere), isinstance(target, Elsewhere)
        if all(here):
            continue
        ends = (
            worker,
            source,
            target,
            f"{src.name}.{link.src_port}",
            f"{dst.name}.{link.dst_port}",
            capacity,
        )
        given = site.dtypes.get((link.src_process, link.src_port))
        dtype = np.dtype(given if given is not None else source.out_dtype(link.src_process, link.src_port))
        shape = src.out_ports[link.src_port]
        channel: Channel
        post = site.post
        if isinstance(target, Elsewhere):
            assert post is not None
            line = post.lines[target.number]
            channel = post.sending[number] = SendingEnd(*ends, line, number, shape, dtype)
        elif isinstance(source, Elsewhere):
            assert post is not None
            line = post.lines[source.number]
            channel = post.receiving[number] = ReceivingEnd(post.owe, *ends, line, number, shape, dtype)
        else:
            channel = Channel(*ends)
        worker.channels.append(channel)
        if not isinstance(source, Elsewhere):
            source.add_out(link.src_process, link.src_port, channel, link)
        if isinstance(target, Elsewhere):
            continue
        target.add_in(link.dst_process, link.dst_port, channel, link, dtype)
        # What comes from another worker was copied on its way.
        alone = fan_in[link.dst_process, link.dst_port] == 1 and (
            isinstance(source, Elsewhere)
            or (isinstance(source, PythonParticipant) and fan_out[link.src_process, link.src_port] == 1)
        )
        if alone and isinstance(target, PythonParticipant):
            target.own_messages(link.dst_port)


def _domain_of(process: FlatProcess, custom: dict[int, Any]) -> Any:
    """The custom domain of a process or of one that it is part of."""
    live: AbstractProcess | None = process.process
    while live is not None:
        if live.serial in custom:
            return custom[live.serial]
        live = live.parent_proc
    return None


def _make_domains(
    worker: Worker, flat: Flat, run_cfg: RunConfig, owners: dict[int, Participant], site: Site
) -> None:
    custom: dict[int, Any] = {}
    for sync_domain in run_cfg.custom_sync_domains:
        for live in sync_domain.processes:
            if live.serial in custom:
                raise AssertionError(
                    f"Process '{live._shown}' is in the domains '{custom[live.serial].name}' and "
                    f"'{sync_domain.name}'; a process belongs to one domain."
                )
            custom[live.serial] = sync_domain
    keeps = keeps_steps(flat, run_cfg)
    lockstep = keeps or needs_lockstep(flat)
    domains: dict[Any, Domain] = {}
    for process in flat.processes:
        protocol = process.model_class.implements_protocol
        stepped = process.on_chip or (protocol is not None and issubclass(protocol, LoihiProtocol))
        chosen = _domain_of(process, custom)
        if chosen is not None:
            wanted = chosen.protocol if isinstance(chosen.protocol, type) else type(chosen.protocol)
            if protocol is not wanted:
                raise AssertionError(
                    f"Process '{process.name}' follows {getattr(protocol, '__name__', None)}, but its domain "
                    f"'{chosen.name}' is one of {wanted.__name__}."
                )
        owner = owners[process.index]
        if not stepped or owner.domain is not None:
            continue
        key = None if chosen is None or process.on_chip else chosen.name
        if key not in domains:
            domains[key] = Domain(key or "LoihiProtocol_SyncDomain", lockstep, keeps)
            worker.domains.append(domains[key])
        owner.domain = domains[key]
        if not isinstance(owner, Elsewhere):
            domains[key].members.append(owner)
        elif site.number == 0:
            domains[key].ended[owner.number] = domains[key].started[owner.number] = 0
    for link in flat.refs:
        written = owners[link.var_process]
        if isinstance(written, PythonParticipant):
            written.add_written(link.var)
    for domain in worker.domains:
        _make_phases(worker, domain, flat, owners, site)


def _make_phases(
    worker: Worker, domain: Domain, flat: Flat, owners: dict[int, Participant], site: Site
) -> None:
    """Give a domain its management phases, if it needs any."""
    managed: list[Any] = [
        owners[process.index]
        for process in flat.processes
        if owners[process.index].domain is domain and not process.on_chip and has_guards(process.model_class)
    ]
    refs = [link for link in flat.refs if owners[link.process].domain is domain]
    if not managed and not refs:
        return
    references = site.references
    if references is None:
        references = domain.phases = Phases(worker, managed, owners)
        domain.phases.refs.extend((link, link.process) for link in refs)
    for member in managed:
        member.managed = True
    for link in refs:
        owner = owners[link.process]
        if isinstance(owner, PythonParticipant):
            owner.add_ref(link, references)
