"""Lava's path to what channels between operating-system processes are made from."""
