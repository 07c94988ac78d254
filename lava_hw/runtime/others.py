"""What a worker does about others: nothing, where there are none. See `lava_hw.runtime.crew`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.runtime.domain import Domain

__all__ = ["OtherWorkers"]


class OtherWorkers:
    """Hooks of a worker that is alone."""

    def build_others(self, dtypes: dict[tuple[int, str], str]) -> Callable[[], None]:
        """Let the other workers build their parts; call what is returned to wait for them."""
        return lambda: None

    def close(self) -> None:
        """Free everything; called once, when all participants are closed."""

    def _begin_others(self, n_steps: int) -> None:
        """Let the other workers begin a run."""

    def _end_others(self) -> None:
        """See that the run has ended in the other workers."""

    def _look_at_others(self) -> bool:
        """Take in what other workers sent; whether there was anything."""
        return False

    def _others_rest(self) -> bool:
        """Whether nothing can go on in any other worker, and nothing is on the way."""
        return True

    def _others_ask(self) -> bool:
        """Whether models of other workers ask again and again whether they shall stop."""
        return False

    def _opened(self, domain: Domain) -> None:
        """Be told that the gate of a domain was opened, or is closed for good."""
