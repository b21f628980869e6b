"""Alerts of a run, each with its permit, and the relay."""
