"""Contracts of what departments hand in, one module a feed, and profiles that bring vendors' files into that form."""

from schemas.feeds.registry import FEEDS

__all__ = ["FEEDS"]
