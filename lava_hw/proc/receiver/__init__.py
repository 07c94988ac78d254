"""Keeps what arrived last."""
