"""Tries a rule set on the city's own past: judges official runs again by two rule sets, and writes the page for the council."""
