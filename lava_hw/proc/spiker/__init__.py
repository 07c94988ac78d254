"""Neurons that send a payload at a fixed rate."""
