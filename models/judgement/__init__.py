"""Judgements of poverty, learning and non-cognitive state, and the overall category."""
