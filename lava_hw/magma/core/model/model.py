"""Parent of all process models (Lava's path)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.resources import AbstractResource
    from lava_hw.magma.core.sync.protocol import AbstractSyncProtocol

__all__ = ["AbstractProcessModel"]


class AbstractProcessModel:
    """What a process does on one kind of resource.

    Attributes
    ----------
    implements_process : type or None
        The process class, set by `@implements`.
    implements_protocol : type or None
        The synchronization protocol, set by `@implements`.
    required_resources : list
        Set by `@requires`.
    tags : list of str
        Set by `@tag`.
    run_ahead : bool
        True says that nothing this model does can stop a run, so that its process may be some steps ahead of
        others (if it raises, the state that remains is that of the furthest step started). Counts only for
        the class that says it, not for subclasses. Such a model may have a method `run_batch(steps)`: it does
        what as many calls of `run_spk` would do, starting with step `time_step`, and may count `time_step` on
        as it goes. `run_block` is its old name.
    """

    implements_process: ClassVar[type[AbstractProcess] | None] = None
    implements_protocol: ClassVar[type[AbstractSyncProtocol] | None] = None
    required_resources: ClassVar[list[type[AbstractResource] | list[type[AbstractResource]]]] = []
    tags: ClassVar[list[str]] = []
    run_ahead: ClassVar[bool] = False

    @classmethod
    def fits(cls, proc: AbstractProcess) -> bool:
        """Whether this model can do what a process asks for; a run configuration chooses among those."""
        return True

    def __init__(self, proc_params: Any = None, loglevel: int = logging.WARNING) -> None:
        self.proc_params = proc_params
        self.log = logging.getLogger(type(self).__name__)
        self.log.setLevel(loglevel)
