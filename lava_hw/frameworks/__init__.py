"""Flat collections of names for one kind of program."""
