"""Legal profiles: the clauses of one ordinance or act, by effective dates, each with the words it rests on."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator


class _Part(BaseModel, frozen=True, extra="forbid"):
    """A part of a profile: fixed once read, nothing unknown in it."""


class Quote(_Part):
    """Words of the source, and which article or document they are from."""

    text: str = Field(min_length=1)
    source: str = Field(min_length=1)


class Duty(_Part):
    """What a permit obliges to. A duty does not stand in the way of the act; what must come before it is a condition."""

    code: str
    text: str


class Demand(_Part):
    """A finding that must be made before the act, and the answers that satisfy the clause.

    own:  the product asks for it, not the clause's words
    """

    code: str
    text: str
    answers: frozenset[str] = Field(min_length=1)
    own: bool = False


class Clause(_Part):
    """One clause or item, as far as its text is known.

    id:             short form, such as minoh/support, appi/69-2-2
    decides:        who decides
    valid_from, valid_to:  days of acts, both included; valid_to None = still in force
    recurrence:     which of 恒常, 臨時 it covers
    together_with:  ids of clauses of the same profile that must be named beside it
    heard_on:       persons, where the clause wants the council heard on who the persons are; None where it asks for none
    demands:        findings that must be made
    """

    id: str = Field(pattern=r"^[a-z]+/[a-z0-9-]+$")
    title: str
    decides: str
    valid_from: date
    valid_to: date | None = None
    dates: str
    recurrence: frozenset[Literal["恒常", "臨時"]] = Field(min_length=1)
    together_with: tuple[str, ...] = ()
    heard_on: Literal["persons"] | None = None
    demands: tuple[Demand, ...] = ()
    duties: tuple[Duty, ...] = ()
    quotes: tuple[Quote, ...] = Field(min_length=1)

    def covers(self, day: date) -> bool:
        """Whether the clause is in force on the day of an act."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Profile(_Part):
    """One ordinance or act. A clause that is not in it is not known, and nothing is permitted under it.

    succeeded_by:  the profile that decides after this one's end
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    succeeded_by: str | None = None
    clauses: tuple[Clause, ...] = Field(min_length=1)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of that id, or None where its text is not held (条文未収録)."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    @model_validator(mode="after")
    def _ids_are_unique_and_known(self) -> Self:
        ids = [clause.id for clause in self.clauses]
        if len(ids) != len(set(ids)):
            raise ValueError("a clause id stands twice")
        if {other for clause in self.clauses for other in clause.together_with} - set(ids):
            raise ValueError("together_with names a clause that the profile does not hold")
        return self


def read_profile(text: str) -> Profile:
    """Read a profile's TOML text."""
    return Profile.model_validate(tomllib.loads(text))


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """Every profile that ships, by id."""
    folder = files("models.legality") / "profiles"
    texts = (entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {profile.id: profile for profile in map(read_profile, texts)}
