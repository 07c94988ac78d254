"""Process models in Python."""
