"""Convolutions in space."""
