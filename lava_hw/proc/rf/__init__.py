"""Resonate-and-fire neurons."""
