"""The text of the packaged default rule set, for tests that change a line of it."""

from schemas.rules import RuleSet, default_text, parse


def rules_with(*changes: tuple[str, str]) -> RuleSet:
    """The default rule set with pieces of its text replaced; every piece must occur."""
    text = default_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)
