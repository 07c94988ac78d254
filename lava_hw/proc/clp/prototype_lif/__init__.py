"""LIF neurons that store prototypes."""
