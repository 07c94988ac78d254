"""Lava's path to the runtime."""
