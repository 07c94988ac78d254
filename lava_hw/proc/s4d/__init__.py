"""Diagonal state-space neurons (S4D)."""
