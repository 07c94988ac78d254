"""Tells whether a variable leaves its bits."""
