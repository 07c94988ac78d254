"""What is said to a user who asks something of a chip that an error has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lava_hw.device import ChipFault, ChipStalled, SimulatorError
from lava_hw.runtime.errors import RunError

if TYPE_CHECKING:
    from lava_hw.device import ChipSession

__all__ = ["needs_new_device", "unreachable"]


def needs_new_device(session: ChipSession) -> bool:
    """Whether a reset does not help, but to open the chip anew."""
    return session.failure is not None and not isinstance(session.failure, ChipFault)


def unreachable(what: str, session: ChipSession, where: str, keeps: bool) -> RuntimeError:
    """The error for a request that a chip cannot answer any more.

    Parameters
    ----------
    what : str
        What cannot be done.
    session : ChipSession
        The driver; it has failed, or is within a step.
    where : str
        Steps that the chip was in.
    keeps : bool
        Whether the run keeps the last complete step.

    Returns
    -------
    SimulatorError or RunError
        The first if the simulator is gone. Its cause is the failure of the chip, if there is one.
    """
    kind: type[RuntimeError] = RunError
    failure = session.failure
    reason = f" ({str(failure).splitlines()[0]})" if failure is not None and str(failure) else ""
    if isinstance(failure, ChipFault):
        why = f"the chip has stopped in {where}{reason}"
    elif isinstance(failure, ChipStalled):
        why = f"the chip has stalled in {where}{reason}"
    elif isinstance(failure, SimulatorError):
        kind, why = SimulatorError, f"the simulator is gone since {where}{reason}"
    else:
        why = f"the run has ended by an error while the chip was in {where}{reason}"
    remedy = (
        ""
        if keeps
        else " (checkpoint=True in the run configuration keeps those of the chip, too, as they were "
        "after the last complete step)"
    )
    again = "opens the chip anew and " if needs_new_device(session) else ""
    error = kind(
        f"{what}: {why}. Still there: num_steps, and the Vars of processes in Python{remedy}. "
        f"runtime.reset() {again}begins again at step 0; stop() frees everything."
    )
    error.__cause__ = failure
    return error
