"""The text of the packaged default rule set, for tests that change a line of it."""

from importlib import resources

from schemas.rules import RuleSet, parse


def default_text() -> str:
    """The file as it ships."""
    return resources.files("schemas.rules").joinpath("default.toml").read_text(encoding="utf-8")


def rules_with(*changes: tuple[str, str]) -> RuleSet:
    """The default rule set with pieces of its text replaced; every piece must occur."""
    text = default_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)
