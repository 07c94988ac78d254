"""The entries of a manifest: what is in them, what they may say, how they are in JSON."""
