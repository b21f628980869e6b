"""Contracts of the feeds: columns, types, units, sensitivity, holder, what absence means."""
