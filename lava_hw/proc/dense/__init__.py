"""Dense connections."""
