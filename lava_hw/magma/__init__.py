"""The process front end: everything below this package has the path that Lava users know."""
