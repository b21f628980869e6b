"""What is wrong with a rule set: every gap, overlap and loose end, each with its place and how to mend it."""

from schemas.rules.lint.finding import Finding
from schemas.rules.lint.main import faults, lint

__all__ = ["Finding", "faults", "lint"]
