"""Judges the city as of a date: snapshot, kernel, run manifest, root."""
