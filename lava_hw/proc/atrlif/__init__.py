"""Neurons with adaptive threshold and refractory trace."""
