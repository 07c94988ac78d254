"""Process models made of processes."""
