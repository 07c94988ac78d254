"""Measures how fast the parts are; see docs/speed.md. `python -m bench --help` lists the options."""
