"""Processes, ports, variables, models and run configurations, at Lava's public paths."""
