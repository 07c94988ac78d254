"""Lava's paths to the compiler."""
