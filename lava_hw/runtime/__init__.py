"""Executes a flat network: Python models as greenlets of one thread, the chip as one participant."""
