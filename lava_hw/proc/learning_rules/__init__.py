"""Learning rules that are often used."""
