"""Resources that a process model may require (Lava's path). Nothing is reserved; they label models."""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "CPU",
    "DVS",
    "ECPU",
    "GPU",
    "LMT",
    "PB",
    "AbstractComputeResource",
    "AbstractNode",
    "AbstractPeripheralResource",
    "AbstractResource",
    "GenericNode",
    "HardDrive",
    "HeadNode",
    "HeadNodeHardDrive",
    "Heterogeneous",
    "HostCPU",
    "KapohoBay",
    "KapohoPoint",
    "Loihi1NeuroCore",
    "Loihi1System",
    "Loihi2NeuroCore",
    "Loihi2System",
    "Nahuku",
    "NeuroCore",
    "OheoGulch",
    "Pohoiki",
    "PythonNode",
    "Unalaska",
]


class AbstractResource:
    """Parent of all resources."""


class AbstractComputeResource(AbstractResource):
    """Something that computes."""


class CPU(AbstractComputeResource):
    """A processor of the host."""


class HostCPU(AbstractComputeResource):
    """A processor of the host that is no processor of a board."""


class GPU(AbstractComputeResource):
    """A graphics processor of the host."""


class ECPU(AbstractComputeResource):
    """A processor embedded in a neuromorphic chip."""


class LMT(ECPU):
    """Loihi's embedded x86 processor; the name is kept for source compatibility."""


class PB(ECPU):
    """Loihi's embedded processor for packets; the name is kept for source compatibility."""


class NeuroCore(AbstractComputeResource):
    """A neuro core of our chip."""


class Loihi1NeuroCore(NeuroCore):
    """A neuro core of Loihi 1; the name is kept for source compatibility."""


class Loihi2NeuroCore(NeuroCore):
    """A neuro core of Loihi 2; the name is kept for source compatibility."""


class AbstractPeripheralResource(AbstractResource):
    """Something that data come from or go to."""


class DVS(AbstractPeripheralResource):
    """An event-based camera."""


class HardDrive(AbstractPeripheralResource):
    """A disk of the node."""


class HeadNodeHardDrive(AbstractPeripheralResource):
    """A disk of the node that the program starts on."""


class AbstractNode(AbstractResource):
    """A node of a system.

    Attributes
    ----------
    resources : list of type
        What it has.
    """

    resources: ClassVar[list[type[AbstractResource]]] = []


class GenericNode(AbstractNode):
    """A node of no special kind."""

    resources: ClassVar = [CPU, HardDrive]


class HeadNode(GenericNode):
    """The node that a program starts on."""

    resources: ClassVar = [CPU, HeadNodeHardDrive]


class PythonNode(AbstractNode):
    """A node that runs Python models."""


class Heterogeneous(AbstractNode):
    """A node with several kinds of compute resources."""


class Loihi1System(AbstractNode):
    """A Loihi 1 system. This and the boards below are names that are kept for source compatibility."""


class KapohoBay(Loihi1System):
    """A board of Loihi 1."""

    resources: ClassVar = [Loihi1NeuroCore, LMT]


class Nahuku(Loihi1System):
    """A board of Loihi 1."""

    resources: ClassVar = [CPU, Loihi1NeuroCore, LMT]


class Pohoiki(Loihi1System):
    """Boards of Loihi 1."""

    resources: ClassVar = [CPU, Loihi1NeuroCore, LMT]


class Loihi2System(AbstractNode):
    """A Loihi 2 system."""


class OheoGulch(Loihi2System):
    """A board of Loihi 2."""

    resources: ClassVar = [Loihi2NeuroCore, LMT, PB]


class KapohoPoint(Loihi2System):
    """A board of Loihi 2."""

    resources: ClassVar = [Loihi2NeuroCore, LMT, PB]


class Unalaska(Loihi2System):
    """A board of Loihi 2."""

    resources: ClassVar = [CPU, Loihi2NeuroCore, LMT, PB]
