"""The language of learning rules, and what computes them (Lava's path)."""
