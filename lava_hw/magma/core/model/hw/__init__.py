"""Process models for our chip."""
