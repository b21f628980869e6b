"""Errors that users meet: one root, shown without a traceback, never holding a person's name, number or address."""

from typing import ClassVar


class MimamoriError(Exception):
    """Something went wrong that the operator can read about and mend."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class UsageError(MimamoriError):
    """The command was called in a way that it does not take."""

    exit_code = 2


class RefusedError(MimamoriError):
    """The gate refused the act; `conditions` lists every condition that failed as (code, Japanese sentence)."""

    exit_code = 3

    def __init__(self, conditions: list[tuple[str, str]], message: str | None = None) -> None:
        self.conditions = conditions
        super().__init__(message or "ゲートが処理を許可しませんでした: " + " / ".join(text for _, text in conditions))


class HeldError(MimamoriError):
    """Waiting for a person's decision."""

    exit_code = 4
