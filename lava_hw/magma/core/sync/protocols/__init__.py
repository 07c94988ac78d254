"""The synchronization protocols."""
