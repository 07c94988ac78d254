"""Ports: how processes are connected."""
