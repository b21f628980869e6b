"""The city's rule sets: known by their digest, simulated on its own data, adopted by two persons, replaced."""

from services.rulesets.registry import find_rules, keep
from services.rulesets.standing import adopted, adopted_now, require_current

__all__ = ["adopted", "adopted_now", "find_rules", "keep", "require_current"]
