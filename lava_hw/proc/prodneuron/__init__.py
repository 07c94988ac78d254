"""Neurons that multiply two graded inputs."""
