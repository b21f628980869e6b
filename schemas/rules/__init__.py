"""Rule sets: what a city's council heard, as data."""

from schemas.rules.load import RuleSetError, default_text, findings, load_default, parse
from schemas.rules.ruleset import RuleSet

__all__ = ["RuleSet", "RuleSetError", "default_text", "findings", "load_default", "parse"]
