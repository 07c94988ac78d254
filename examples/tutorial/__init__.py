"""One subject of the process interface a script; read them in the order of the README."""
