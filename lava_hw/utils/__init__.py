"""Helpers that users import, at Lava's paths."""
