"""What is measured, and how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tiles:
    """A chain of layers on a chip, each on a tile of its own; the other tiles have nothing to do.

    Attributes
    ----------
    chip : str
        The chip of configs/ that gives the tiles their sizes.
    mesh : (int, int)
        Tiles from west to east and from north to south.
    active : int
        Layers.
    bound : float or None
        Instructions a cycle that are promised.
    """

    chip: str
    mesh: tuple[int, int]
    active: int
    bound: float | None = None

    @property
    def title(self) -> str:
        """What it is called in the results."""
        return f"{self.active} of {self.mesh[0] * self.mesh[1]} tiles"

    @property
    def chip_title(self) -> str:
        """What its chip is called in the results."""
        return f"{self.chip} of {self.mesh[0]} x {self.mesh[1]}"


@dataclass(frozen=True)
class Plan:
    """Sizes and lengths.

    Attributes
    ----------
    chip, mesh : str
        Chip of the layers, and the one of the networks over several cores.
    sizes : tuple of int
        Neurons of the layers (one source and one sink of the same size each).
    main : int
        That of `sizes` for which the bounds are.
    steps : dict
        Timed steps by size: about a second on the RTL.
    cores : tuple of int
        Cores of the networks over several cores.
    core_neurons, core_steps : int
        Neurons on each of them, and steps of the smallest of these networks; the others have as many fewer.
    tiles : tuple of Tiles
        Chains whose instructions are counted, with `core_neurons` on each tile.
    warm_counted, counted : int
        Steps of the short recording, and further ones of the long recording.
    growth : int
        Size from which neurons and synapses are doubled.
    growth_steps : int
    loop_steps : int
        Steps of the closed loop.
    warm : int
        Steps before the clock starts.
    runs : int
        How often all is measured; the figures with a bound are measured twice as often.
    ring : float
        Share of the slots that bench/ring.py sends by itself.
    """

    chip: str = "default"
    mesh: str = "mesh16"
    sizes: tuple[int, ...] = (64, 256, 1024)
    main: int = 256
    steps: tuple[int, ...] = (20_000, 10_000, 1_500)
    cores: tuple[int, ...] = (1, 4, 16)
    core_neurons: int = 256
    core_steps: int = 8_000
    tiles: tuple[Tiles, ...] = (
        Tiles("default", (2, 2), 1, 1_400),
        Tiles("mesh16", (4, 4), 1, 1_500),
        Tiles("mesh16", (4, 4), 4, 3_900),
        Tiles("mesh16", (4, 4), 16, 13_000),
        Tiles("mesh16", (8, 7), 1, 1_900),
    )
    warm_counted: int = 64
    counted: int = 512
    growth: int = 64
    growth_steps: int = 500
    loop_steps: int = 2_000
    warm: int = 512
    runs: int = 3
    ring: float = 0.2

    def steps_of(self, size: int) -> int:
        """Timed steps of a layer."""
        return self.steps[self.sizes.index(size)]


FULL = Plan()

# Shows in seconds that everything works; its figures say nothing.
QUICK = Plan(
    chip="test8",
    mesh="test8",
    sizes=(32, 64),
    main=64,
    steps=(200, 100),
    cores=(1, 2),
    core_neurons=32,
    core_steps=60,
    tiles=(Tiles("tiny", (1, 1), 1),),
    warm_counted=4,
    counted=16,
    growth=8,
    growth_steps=20,
    loop_steps=40,
    warm=10,
    runs=1,
    ring=0.001,
)
