"""Convolutions in time."""
