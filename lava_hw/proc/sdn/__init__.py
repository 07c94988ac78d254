"""Sigma, delta and sigma-delta neurons."""
