"""The quarterly report to the council."""
