"""Tells that an input had no answer."""
