"""Legal profiles: the clauses of one ordinance or act, by effective dates, each with the words it rests on.

A profile is one TOML file in `profiles/`; adding one needs no code. What such a file may say, and how a city adds its own, is
written in `profiles/README.md`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from models.legality.fact import Fact, Heard, Part
from models.legality.seams import problems_between, problems_within
from schemas.errors import MimamoriError

FOLDER: Traversable = files("models.legality") / "profiles"
TAX_OFFICES = frozenset({"税務課", "市民税課", "課税課"})  # where a profile names none


class Quote(Part):
    """Words of the source, and which article or document they are from."""

    text: str = Field(min_length=1)
    source: str = Field(min_length=1)


class Duty(Part):
    """What a permit obliges to. A duty does not stand in the way of the act; what must come before it is a condition.

    due_days:  days after the act by which it is to be done; None = no day named
    when:      it arises where one of these holds; empty: always
    quote:     position of the words among the clause's quotes; None = the product's own
    notice:    to be heeded while acting; it opens no obligation
    """

    code: str
    text: str
    due_days: int | None = Field(default=None, ge=0)
    when: tuple[Fact, ...] = ()
    quote: int | None = None
    notice: bool = False


class Demand(Part):
    """What must be shown before the act. `answers` is for approvals; `facts`, `law` and `heard` are for `gate explain`.

    answers:  findings that satisfy the clause; empty = approvals are not asked
    facts:    any one of these satisfies it
    law:      a law that obliges satisfies it, and an ordinance where the profile's law includes it
    heard:    the body's hearing before the act satisfies it
    when:     asked only where one of these holds; empty: always
    own:      the product asks for it, not the clause's words
    quote:    position, among the clause's quotes, of the words that settle it
    words:    the words that settle it, where they are not among the clause's quotes (of `[[demands]]`)
    """

    code: str = Field(pattern=r"^[a-z][a-z_0-9]*$")
    text: str
    answers: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] = ()
    law: bool = False
    heard: Heard | None = None
    when: tuple[Fact, ...] = ()
    own: bool = False
    quote: int = Field(default=0, ge=0)
    words: Quote | None = None
    mend: str = ""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if not (self.answers or self.facts or self.law or self.heard):
            raise ValueError(f"nothing would satisfy the demand {self.code}")
        return self


class Clause(Part):
    """One clause or item, as far as its text is known.

    id:             short form, such as minoh/support, appi/69-2-2
    decides:        who decides
    valid_from, valid_to:  days of acts, both included; valid_to None = still in force
    dates:          where these days are from, in words
    recurrence:     which of 恒常, 臨時 it covers
    together_with:  ids of clauses of the same profile that must be named beside it
    heard_on:       persons, where the clause wants the council heard on who the persons are; None where it asks for none
    emergency:      whether an act that cannot wait may rest on it
    demands:        what must be shown
    """

    id: str = Field(pattern=r"^[a-z][a-z-]*/[a-z0-9-]+$")
    title: str
    decides: str
    valid_from: date
    valid_to: date | None = None
    dates: str
    recurrence: frozenset[Literal["恒常", "臨時"]] = Field(min_length=1)
    together_with: tuple[str, ...] = ()
    heard_on: Literal["persons"] | None = None
    question: Literal["within", "law", "consent", "exception"] = "exception"
    stands_for: str | None = None
    edition_of: str | None = None
    forms: frozenset[Literal["identified", "abstracted", "pseudonymised", "anonymised", "statistics"]] = frozenset()
    my_number: Literal["no", "use", "only"] = "no"
    emergency: bool = False
    demands: tuple[Demand, ...] = ()
    duties: tuple[Duty, ...] = ()
    quotes: tuple[Quote, ...] = Field(min_length=1)

    @property
    def reported(self) -> str:
        """The id by which people know it."""
        return self.stands_for or self.id

    def covers(self, day: date) -> bool:
        """Whether the clause is in force on the day of an act."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @model_validator(mode="after")
    def _points_to_its_words(self) -> Self:
        pointed = [demand.quote for demand in self.demands] + [duty.quote or 0 for duty in self.duties]
        if any(position >= len(self.quotes) for position in pointed):
            raise ValueError(f"{self.id}: a demand or duty points to a quote that is not there")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.id}: ends before it begins")
        return self


class Profile(Part):
    """One ordinance or act. A clause that is not in it is not known, and nothing is permitted under it.

    city, bodies:   whose data it governs; city None = every city, bodies empty = not known
    between_bodies: what handing over to another body of the same city is
    my_number:      the rule on 特定個人情報; None = nothing is known of one, and nothing is permitted
    demands:        asked for every clause beside its own
    succeeded_by:   the profile that decides after this one's end
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    city: str | None = None
    bodies: tuple[str, ...] = ()
    between_bodies: Literal["use", "provision", "unknown"] = "unknown"
    law_includes_ordinance: bool = False
    reason_word: Literal["相当", "合理的"] | None = None
    tax_offices: frozenset[str] = TAX_OFFICES
    succeeded_by: str | None = None
    my_number: Quote | None = None
    demands: tuple[Demand, ...] = ()
    clauses: tuple[Clause, ...] = Field(min_length=1)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of that id, or None where its text is not held (条文未収録)."""
        return next((clause for clause in self.clauses if clause.id == clause_id), None)

    def force_of(self, clause_ids: Iterable[str]) -> tuple[date, date | None] | None:
        """First and last day on which all of these clauses are in force, both included; None where one is not held.

        The last day is None where none of them has ended.
        """
        found = [self.clause(clause_id) for clause_id in clause_ids]
        held = [clause for clause in found if clause is not None]
        if len(held) != len(found):
            return None
        ends = (clause.valid_to for clause in held if clause.valid_to is not None)
        return max(clause.valid_from for clause in held), min(ends, default=None)

    def covers(self, day: date) -> bool:
        """Whether any clause of it is in force on the day of an act."""
        return any(clause.covers(day) for clause in self.clauses)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        problems = tuple(problems_within(self))
        if problems:
            raise ValueError(f"{self.id}: " + "; ".join(problems))
        return self


class ProfileError(MimamoriError):
    """法令プロファイルに誤りがあるため、何も判断できません。

    file:     name of the file, or None where files contradict one another
    reasons:  what is wrong, in words
    """

    def __init__(self, file: str | None, reasons: Iterable[str]) -> None:
        self.file, self.reasons = file, tuple(reasons)
        where = "法令プロファイルどうしが食い違います" if file is None else f"法令プロファイル {file} に誤りがあります"
        super().__init__(f"{where}: {' / '.join(self.reasons)}")


def read_profile(text: str) -> Profile:
    """Read a profile's TOML text; raises ValidationError or TOMLDecodeError where it is none."""
    return Profile.model_validate(tomllib.loads(text))


def read_profiles(folder: Traversable) -> Mapping[str, Profile]:
    """Every profile of a folder, by id; raises ProfileError where one is wrong or two contradict each other."""
    files_read = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    profiles = [_read_file(each) for each in files_read]
    held = {profile.id: profile for profile in sorted(profiles, key=lambda profile: profile.id)}
    wrong = [] if len(held) == len(profiles) else ["同じ id のものが二つあります"]
    if wrong or (wrong := list(problems_between(held.values()))):
        raise ProfileError(None, wrong)
    return held


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """Every profile that ships, by id; raises ProfileError."""
    return read_profiles(FOLDER)


def _read_file(file: Traversable) -> Profile:
    try:
        return read_profile(file.read_text("utf-8"))
    except ValidationError as error:
        told = (f"{'.'.join(map(str, each['loc']))} {each['msg']}".strip() for each in error.errors(include_url=False))
        raise ProfileError(file.name, told) from error
    except ValueError as error:  # no TOML, no UTF-8
        raise ProfileError(file.name, [str(error)]) from error
