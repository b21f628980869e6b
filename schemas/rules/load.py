"""Reads rule sets from TOML: the packaged default, or a city's own text."""

import tomllib
from importlib import resources

from pydantic import ValidationError

from schemas.errors import UsageError
from schemas.rules.ruleset import RuleSet


class RuleSetError(UsageError):
    """判定ルールのファイルに誤りがあります。"""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("判定ルールのファイルに誤りがあります: " + " / ".join(problems))


def load_default() -> RuleSet:
    """The rule set that counts as adopted in a new home."""
    return parse(resources.files("schemas.rules").joinpath("default.toml").read_text(encoding="utf-8"))


def parse(text: str) -> RuleSet:
    """A rule set from its TOML text, or every problem found, each with the place where it is."""
    try:
        return RuleSet.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RuleSetError([f"TOML として読めません ({error})"]) from error
    except ValidationError as error:
        raise RuleSetError([_describe(list(item["loc"]), item["msg"]) for item in error.errors()]) from error


def _describe(location: list[int | str], message: str) -> str:
    place = ".".join(str(part) for part in location) or "全体"
    return f"{place}: {message.removeprefix('Value error, ')}"
