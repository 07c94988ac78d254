"""Lava's path to channels between operating-system processes."""
