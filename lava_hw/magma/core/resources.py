"""Resources that a process model may require (Lava's path). Nothing is reserved; they label models."""

from __future__ import annotations

__all__ = [
    "CPU",
    "ECPU",
    "GPU",
    "LMT",
    "AbstractComputeResource",
    "AbstractNode",
    "AbstractResource",
    "HeadNode",
    "Heterogeneous",
    "Loihi1NeuroCore",
    "Loihi2NeuroCore",
    "Loihi2System",
    "NeuroCore",
    "PythonNode",
]


class AbstractResource:
    """Parent of all resources."""


class AbstractComputeResource(AbstractResource):
    """Something that computes."""


class CPU(AbstractComputeResource):
    """A processor of the host."""


class GPU(AbstractComputeResource):
    """A graphics processor of the host."""


class ECPU(AbstractComputeResource):
    """A processor embedded in a neuromorphic chip."""


class LMT(ECPU):
    """Loihi's embedded x86 processor; the name is kept for source compatibility."""


class NeuroCore(AbstractComputeResource):
    """A neuro core of our chip."""


class Loihi1NeuroCore(NeuroCore):
    """A neuro core of Loihi 1; the name is kept for source compatibility."""


class Loihi2NeuroCore(NeuroCore):
    """A neuro core of Loihi 2; the name is kept for source compatibility."""


class AbstractNode(AbstractResource):
    """A node of a system."""


class HeadNode(AbstractNode):
    """The node that a program starts on."""


class PythonNode(AbstractNode):
    """A node that runs Python models."""


class Heterogeneous(AbstractNode):
    """A node with several kinds of compute resources."""


class Loihi2System(AbstractNode):
    """A Loihi 2 system; the name is kept for source compatibility."""
