"""Synchronization protocols and domains."""
