"""Processes: what a person connects into a network."""
