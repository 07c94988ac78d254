"""Processes of continually learning prototypes."""
