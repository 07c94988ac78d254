"""Who owns shared memory of channels that programs make themselves (Lava's path)."""

from multiprocessing.managers import SharedMemoryManager

__all__ = ["SharedMemoryManager"]
