"""Decides, records, reveals: the only writer of decisions; persons, roles and their keys."""
