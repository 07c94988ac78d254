"""Readout and allocation of prototypes."""
