"""Builds a worker from a flat network: participants, channels, domains, references."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.graph.flat import Flat, FlatProcess, Link
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.runtime.channel import PortChannel
from lava_hw.runtime.domain import Domain, ReferenceService
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.guards import has_guards
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.phases import Phases
from lava_hw.runtime.plan import NetworkPlan
from lava_hw.runtime.python import PythonParticipant
from lava_hw.runtime.rng import GlobalRandom
from lava_hw.runtime.run_ahead import needs_lockstep
from lava_hw.runtime.worker import Worker
from lava_hw.runtime.workers.process_proxy import ProcessProxy
from lava_hw.runtime.workers.remote_channel import RemoteChannelReceiver, RemoteChannelSender

if TYPE_CHECKING:
    from lava_hw.runtime.workers.rpc import RpcEndpoint

__all__ = ["WorkerContext", "assemble"]


@dataclass(frozen=True)
class WorkerContext:
    """The worker context: which worker it is, and how it reaches the others.

    Parameters
    ----------
    number : int
        Number of the worker; 0 is the program's.
    endpoint : RpcEndpoint or None
        Reaches the others; None if there are none.
    references : ReferenceService or None
        Serves the RefPorts of a worker that is not the program's.
    dtypes : dict
        (process, port) -> element type of what the chip sends, where the chip is in another worker.
    """

    number: int = 0
    endpoint: RpcEndpoint | None = None
    references: ReferenceService | None = None
    dtypes: dict[tuple[int, str], str] = field(default_factory=dict)


def assemble(worker: Worker, plan: NetworkPlan, context: WorkerContext) -> dict[int, Participant]:
    """Fill a worker.

    Parameters
    ----------
    worker : Worker
        An empty one.
    plan : NetworkPlan
        The network.
    context : WorkerContext
        Which worker it is, and how it reaches the others.

    Returns
    -------
    dict
        Index of a process -> the participant that executes it, or its proxy.
    """
    flat = plan.flat
    owners: dict[int, Participant] = {}
    python = [p for p in flat.processes if not p.on_chip]
    # Library models never touch numpy's global generator.
    if any(not p.model_class.__module__.startswith("lava_hw.") for p in python):
        worker.rng = GlobalRandom()
        worker.rng.begin()
    try:
        chip = None
        if len(python) < len(flat.processes) and context.number == 0:
            chip = _make_chip(flat, plan.run_cfg, worker)
        for process in flat.processes:
            owner = owners[process.index] = _owner(worker, process, plan, context, chip)
            # The worker's thread closes its participants, also those of a network that could not be built.
            if isinstance(owner, ProcessProxy):
                owner.endpoint.proxies.append(owner)
            elif owner not in worker.participants:
                worker.participants.append(owner)
        wait_for_peers = worker.peers.build(
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
        _connect(worker, plan, owners, context)
        _make_domains(worker, plan, owners, context)
        for participant in worker.participants:
            participant.prepare()
        wait_for_peers()
    finally:
        if worker.rng is not None:
            worker.rng.end()
    return owners


def _owner(
    worker: Worker,
    process: FlatProcess,
    plan: NetworkPlan,
    context: WorkerContext,
    chip: Participant | None,
) -> Participant:
    if process.on_chip and chip is not None:
        return chip
    number = plan.placement.workers[process.index]
    if number == context.number:
        participant = PythonParticipant(worker, process, plan.run_cfg.loglevel)
        if process.index in plan.placement.threads:
            participant.use_thread()
        return participant
    assert context.endpoint is not None
    return ProcessProxy(worker, process, number, context.endpoint)


def _inside_chip(flat: Flat, link: Link) -> bool:
    return flat.processes[link.src_process].on_chip and flat.processes[link.dst_process].on_chip


def _make_chip(flat: Flat, run_cfg: RunConfig, worker: Worker) -> Participant:
    # Networks in Python alone do not load what drives devices.
    try:
        from lava_hw.runtime.chip import make_chip_participant
    except ModuleNotFoundError as err:
        names = ", ".join(f"'{p.name}'" for p in flat.processes if p.on_chip)
        raise RunError(
            f"The processes {names} are to run on the chip, but lava_hw.runtime.chip cannot be "
            f"imported ({err})."
        ) from err
    return make_chip_participant(flat, run_cfg, worker)


def _connect(
    worker: Worker, plan: NetworkPlan, owners: dict[int, Participant], context: WorkerContext
) -> None:
    """Make a channel for each link that is not inside the chip, or its end in this worker."""
    flat, endpoint = plan.flat, context.endpoint
    fan_out = Counter((link.src_process, link.src_port) for link in flat.links)
    fan_in = Counter((link.dst_process, link.dst_port) for link in flat.links)
    for number, link in enumerate(flat.links):
        if _inside_chip(flat, link):
            continue
        src, dst = flat.processes[link.src_process], flat.processes[link.dst_process]
        source, target = owners[link.src_process], owners[link.dst_process]
        here = isinstance(source, ProcessProxy), isinstance(target, ProcessProxy)
        if all(here):
            continue
        ends = (
            worker,
            source,
            target,
            f"{src.name}.{link.src_port}",
            f"{dst.name}.{link.dst_port}",
            plan.capacity,
        )
        given = context.dtypes.get((link.src_process, link.src_port))
        dtype = np.dtype(given if given is not None else source.out_dtype(link.src_process, link.src_port))
        shape = src.out_ports[link.src_port]
        channel: PortChannel
        if isinstance(target, ProcessProxy):
            assert endpoint is not None
            remote = endpoint.connections[target.number], number, shape, dtype
            channel = endpoint.senders[number] = RemoteChannelSender(*ends, *remote)
        elif isinstance(source, ProcessProxy):
            assert endpoint is not None
            remote = endpoint.connections[source.number], number, shape, dtype
            channel = endpoint.receivers[number] = RemoteChannelReceiver(
                endpoint.note_pending, *ends, *remote
            )
        else:
            channel = PortChannel(*ends)
        worker.channels.append(channel)
        if not isinstance(source, ProcessProxy):
            source.add_out(link.src_process, link.src_port, channel, link)
        if isinstance(target, ProcessProxy):
            continue
        target.add_in(link.dst_process, link.dst_port, channel, link, dtype)
        # What comes from another worker was copied on its way.
        alone = fan_in[link.dst_process, link.dst_port] == 1 and (
            isinstance(source, ProcessProxy)
            or (isinstance(source, PythonParticipant) and fan_out[link.src_process, link.src_port] == 1)
        )
        if alone and isinstance(target, PythonParticipant):
            target.own_messages(link.dst_port)


def _domain_of(process: FlatProcess, custom: dict[int, Any]) -> Any:
    """Find the custom domain of a process or of one that it is part of."""
    live: AbstractProcess | None = process.process
    while live is not None:
        if live.serial in custom:
            return custom[live.serial]
        live = live.parent_proc
    return None


def _make_domains(
    worker: Worker, plan: NetworkPlan, owners: dict[int, Participant], context: WorkerContext
) -> None:
    flat = plan.flat
    custom: dict[int, Any] = {}
    for sync_domain in plan.run_cfg.custom_sync_domains:
        for live in sync_domain.processes:
            if live.serial in custom:
                raise AssertionError(
                    f"Process '{live._shown}' is in the domains '{custom[live.serial].name}' and "
                    f"'{sync_domain.name}'; a process belongs to one domain."
                )
            custom[live.serial] = sync_domain
    lockstep = worker.checkpoints or needs_lockstep(flat)
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
            domains[key] = Domain(key or "LoihiProtocol_SyncDomain", lockstep, worker.checkpoints)
            worker.domains.append(domains[key])
        owner.domain = domains[key]
        if not isinstance(owner, ProcessProxy):
            domains[key].participants.append(owner)
        elif context.number == 0:
            domains[key].ended[owner.number] = domains[key].started[owner.number] = 0
    for link in flat.refs:
        written = owners[link.var_process]
        if isinstance(written, PythonParticipant):
            written.add_written(link.var)
    for domain in worker.domains:
        _make_phases(worker, domain, flat, owners, context)


def _make_phases(
    worker: Worker, domain: Domain, flat: Flat, owners: dict[int, Participant], context: WorkerContext
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
    references = context.references
    if references is None:
        references = domain.phases = Phases(worker, managed, owners)
        domain.phases.refs.extend((link, link.process) for link in refs)
    for model in managed:
        model.managed = True
    for link in refs:
        owner = owners[link.process]
        if isinstance(owner, PythonParticipant):
            owner.add_ref(link, references)
