"""Runs of each release, kept: canonical feeds, and the lines that judging them gave. A later release has to give the same."""
