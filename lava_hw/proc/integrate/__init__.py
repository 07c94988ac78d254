"""Integrators of our own, for networks that were trained elsewhere."""
