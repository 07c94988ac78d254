"""Process models: what a process does, for one kind of resource each."""
