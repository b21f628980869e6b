"""Reads rule sets from TOML: the packaged default, or a city's own text."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from schemas.errors import UsageError
from schemas.rules.lint import Finding, faults, lint
from schemas.rules.lint.structure import check_structure
from schemas.rules.ruleset import RuleSet


class RuleSetError(UsageError):
    """判定ルールのファイルに誤りがあります。"""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("判定ルールのファイルに誤りがあります: " + " / ".join(problems))


@cache
def load_default() -> RuleSet:
    """The rule set that counts as adopted in a new home; read once a process, for it is asked at every event."""
    return parse(default_text())


def default_text() -> str:
    """Its file, with the comments that say where each number comes from: what a city's own begins from."""
    return resources.files("schemas.rules").joinpath("default.toml").read_text(encoding="utf-8")


def parse(text: str) -> RuleSet:
    """A rule set from its TOML text; raises RuleSetError with every fault found, each with the place where it is."""
    document = _read(text)
    found = sorted({*check_structure(RuleSet, document), *faults(document)})
    if found:
        raise RuleSetError([str(each) for each in found])
    return RuleSet.model_validate(document)


def findings(text: str) -> list[Finding]:
    """Everything that keeps this text from being adopted; raises RuleSetError where it is no TOML at all."""
    return lint(RuleSet, _read(text))


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleSetError([f"TOML として読めません ({error})"]) from error
