"""Neurons that send graded values without dynamics of their own."""
