"""Resonate-and-fire neurons that send the amplitude of their oscillation."""
