"""Resonate-and-fire neurons after Izhikevich."""
