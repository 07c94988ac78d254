"""Hands one value on to many."""
