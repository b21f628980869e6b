"""Which rule set is adopted on a day: what two registered persons signed, replayed from their signatures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from schemas.errors import MimamoriError, RefusedError
from schemas.records.person import Role
from schemas.rules import RuleSet, load_default
from services.gate.registered import Registration
from services.gate.words import Word, holds, people_now
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.registry import find_rules

ADOPTERS = (Role.DRAFTER, Role.HEARER, Role.ADMIN)
TWO = 2  # persons


@dataclass(frozen=True)
class Signature:
    """One kept row of `rules.adoption`. entry: of the log."""

    entry: int
    digest: bytes
    effective_from: date
    word: Word

    def signed(self, people: Mapping[str, Registration]) -> bool:
        """Whether a registered person, in a role that may, signed just this. people: those whose registration holds."""
        return holds(self.word, statement_of(self.digest, self.effective_from, self.word.person), people, ADOPTERS)


@dataclass(frozen=True)
class Adoption:
    """A rule set from a day on.

    persons:  who signed, in order; in force from `effective_from` only where they are two
    """

    digest: bytes
    effective_from: date
    persons: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether two persons adopted it."""
        return len(self.persons) >= TWO


def adopted(conn: Connection[Any], day: date) -> RuleSet:
    """The rule set in force on `day`, the day of the act; before any adoption it is the product's default."""
    newest = in_force_on(conn, day)
    if newest is None:
        return load_default()
    rules = find_rules(conn, newest.digest.hex())
    if rules is None:
        raise MimamoriError("採用されている判定ルールの内容が見つかりません。監査担当に知らせてください。")
    return rules


def adopted_now(database: Database) -> RuleSet:
    """The rule set adopted today; every service role may know it."""
    with database.connect_any() as conn:
        return adopted(conn, database.clock.today())


def in_force_on(conn: Connection[Any], day: date) -> Adoption | None:
    """The adoption by two persons with the latest first day up to `day`; None before any."""
    begun = (each for each in adoptions(conn) if each.complete and each.effective_from <= day)
    return max(begun, key=lambda each: each.effective_from, default=None)


def adoptions(conn: Connection[Any]) -> list[Adoption]:
    """Every adoption that at least one person signed, by first day. A row whose signature does not hold counts for nothing."""
    rows = signatures(conn)
    return replay(rows, people_now(conn)) if rows else []


def signatures(conn: Connection[Any]) -> list[Signature]:
    """Every kept signature, in the order in which they were given."""
    rows = conn.execute(queries("services.rulesets")["adoptions"])
    return [Signature(entry, digest, day, Word(*word)) for entry, digest, day, *word in rows]


def versions(conn: Connection[Any]) -> dict[str, str]:
    """Version → digest (hexadecimal) of every rule set that was ever adopted; the default counts as one.

    A version that an approval names must not come to mean something else, so each stands for one content alone.
    """
    found = [find_rules(conn, each.digest.hex()) for each in adoptions(conn) if each.complete]
    return {rules.version: rules.digest() for rules in [*found, load_default()] if rules is not None}


def replay(rows: Iterable[Signature], people: Mapping[str, Registration]) -> list[Adoption]:
    """What the signatures come to. people: those whose registration holds, by staff code."""
    signed: dict[tuple[date, bytes], list[str]] = {}
    for row in rows:
        if row.signed(people):
            signed.setdefault((row.effective_from, row.digest), []).append(row.word.person)
    return [Adoption(digest, day, tuple(persons)) for (day, digest), persons in sorted(signed.items())]


def statement_of(digest: bytes, effective_from: date, person: str) -> dict[str, str]:
    """What a person signs at least who adopts a rule set."""
    return {
        "what": "rules.adopt", "digest": digest.hex(), "effective_from": effective_from.isoformat(), "person": person,
    }  # fmt: skip


def require_current(rules: RuleSet, day: date) -> None:
    """Refuse to judge by a rule set whose own period, on its card, is over; its words may still be shown."""
    until = None if rules.card is None else rules.card.effective_to
    if until is not None and day > until:
        text = f"採用されている判定ルール {rules.version} の期間は {until} に終わっています。次のルールを採用してください。"
        raise RefusedError([("RULES_EXPIRED", text)])
