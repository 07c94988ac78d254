"""Sparse connections."""
