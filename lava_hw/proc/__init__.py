"""Library of processes, at Lava's paths."""
