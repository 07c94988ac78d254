"""Peers: the other workers of a network, as the program's worker asks for them.

A worker that is alone has `NoPeers`. `lava_hw.runtime.workers` has those of a worker that is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lava_hw.runtime.guards import ask_models

if TYPE_CHECKING:
    from lava_hw.graph.flat import Flat
    from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.task import Party
    from lava_hw.runtime.workers.rpc import RpcEndpoint

__all__ = ["NAP_SECONDS", "NoPeers", "Peers"]

NAP_SECONDS = 5e-5
"""Pause between rounds in which models only ask whether they shall stop."""


class Peers(Protocol):
    """The other workers of a network. Everything but `wake` is called in the worker's thread."""

    @property
    def endpoint(self) -> RpcEndpoint | None:
        """The endpoint that reaches them; None if there are none."""

    # -- the network --
    def build(self, dtypes: dict[tuple[int, str], str]) -> Callable[[], None]:
        """Let them build their parts; the function that it gives waits for them."""

    def serve_references(self, flat: Flat, owners: Mapping[int, Party]) -> None:
        """Let their models read and write Vars through their RefPorts."""

    # -- a run --
    def begin_run(self, n_steps: int) -> None:
        """Let them begin a run."""

    def end_run(self) -> None:
        """Wait until the run has ended in all of them."""

    def poll(self) -> bool:
        """Take in what they sent; whether there was anything. Called after each round of greenlets."""

    def at_rest(self) -> bool:
        """Whether nothing can go on in any of them, and nothing is on the way."""

    def are_yielding(self) -> bool:
        """Whether their models ask again and again whether they shall stop."""

    def wait_for_packets(self, waited: bool) -> None:
        """Wait for them a little; `waited` says whether this worker has waited for something already."""

    def nap(self, ending: bool) -> None:
        """Pause before models ask again whether they shall stop; `ending` says that they shall."""

    def wake(self) -> None:
        """End a wait for them. Any thread may call it."""

    # -- steps --
    def barrier_closed(self, domain: Domain) -> None:
        """Close the barrier of a domain also in them."""

    def barrier_moved(self, domain: Domain) -> None:
        """Move the barrier of a domain also in them, or end the run there."""

    def ask(self, models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
        """Give for each guard those models, here and there, for which it is true; see `ask_models`."""

    def refuse_probes(self) -> bool:
        """Answer the probes of their models: nothing more can arrive in this step. False if nobody probes."""

    # -- ends --
    def waiting_lines(self) -> list[str]:
        """Give the lines about their processes for the message of a deadlock."""

    def rollback(self, complete: list[bool]) -> None:
        """Let them go back to the last complete step; see `Domain.rollback`."""

    def reset(self) -> Callable[[], None]:
        """Let them go back to the state after building; the function that it gives waits for them."""

    def close(self) -> None:
        """Free everything; called once, when all participants are closed."""


class NoPeers:
    """Peers of a worker that is alone."""

    endpoint: RpcEndpoint | None = None

    def build(self, dtypes: dict[tuple[int, str], str]) -> Callable[[], None]:
        """See Peers."""
        return _nothing

    def serve_references(self, flat: Flat, owners: Mapping[int, Party]) -> None:
        """See Peers."""

    def begin_run(self, n_steps: int) -> None:
        """See Peers."""

    def end_run(self) -> None:
        """See Peers."""

    def poll(self) -> bool:
        """See Peers."""
        return False

    def at_rest(self) -> bool:
        """See Peers."""
        return True

    def are_yielding(self) -> bool:
        """See Peers."""
        return False

    def wait_for_packets(self, waited: bool) -> None:
        """See Peers."""

    def nap(self, ending: bool) -> None:
        """See Peers."""
        if not ending:
            time.sleep(NAP_SECONDS)

    def wake(self) -> None:
        """See Peers."""

    def barrier_closed(self, domain: Domain) -> None:
        """See Peers."""

    def barrier_moved(self, domain: Domain) -> None:
        """See Peers."""

    def ask(self, models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
        """See Peers."""
        return ask_models(models, guards, phase)

    def refuse_probes(self) -> bool:
        """See Peers."""
        return False

    def waiting_lines(self) -> list[str]:
        """See Peers."""
        return []

    def rollback(self, complete: list[bool]) -> None:
        """See Peers."""

    def reset(self) -> Callable[[], None]:
        """See Peers."""
        return _nothing

    def close(self) -> None:
        """See Peers."""


def _nothing() -> None:
    """There is nobody to wait for."""
