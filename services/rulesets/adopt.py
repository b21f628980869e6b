"""Adopting a rule set: two different persons sign the same file from the same day on, each in one transaction with its entry."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import rfc8785
from psycopg import Connection

from models.legality.view import choose_approval
from schemas.errors import HeldError, RefusedError
from schemas.rules import RuleSet, findings, parse
from services.gate.people import Person, require_role
from services.gate.standing import approvals_now
from services.ledger import Entry, append
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.named import read_text
from services.rulesets.registry import keep
from services.rulesets.simulations import last_simulation
from services.rulesets.standing import ADOPTERS, TWO, Adoption, adoptions, statement_of, versions

LOCK = 0x72756C65_73000000  # "rules" in ASCII: two adoptions at once could each overlap the other unseen


@dataclass(frozen=True)
class Adopted:
    """A rule set that two persons adopted. digest: hexadecimal; persons: who signed, in order."""

    version: str
    digest: str
    effective_from: date
    persons: tuple[str, ...]


def adopt(database: Database, path: Path, *, effective_from: date, by: Person) -> Adopted:
    """One person's signature; the second, by another person, adopts the rule set from that day on.

    Raises HeldError after the first, for the adoption waits; RefusedError, with every reason, where it may not be
    adopted. A person who signs again changes nothing.
    """
    require_role(by, *ADOPTERS)
    text = read_text(path)
    _refuse([("RULES_LINT", f"{each}") for each in findings(text)])
    rules = parse(text)
    with database.connect("approvals") as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        digest = keep(conn, rules, text=text)
        signed = adoptions(conn)
        mine = _of(signed, digest, effective_from)
        if by.person not in mine.persons:
            _refuse(_reasons(conn, rules, digest, effective_from, signed, today=database.clock.today()))
            _sign(conn, rules, digest, effective_from, by)
            mine = _of(adoptions(conn), digest, effective_from)
    if len(mine.persons) < TWO:
        raise HeldError(f"{rules.version} の採用への署名を記録しました。もう一人の署名を待っています。")
    return Adopted(rules.version, rules.digest(), effective_from, mine.persons)


def _of(signed: list[Adoption], digest: bytes, effective_from: date) -> Adoption:
    same = (each for each in signed if (each.digest, each.effective_from) == (digest, effective_from))
    return next(same, Adoption(digest, effective_from, ()))


def _reasons(
    conn: Connection[Any], rules: RuleSet, digest: bytes, effective_from: date, signed: list[Adoption], *, today: date
) -> list[tuple[str, str]]:
    """Every reason why this rule set may not be adopted from that day on, by code and sentence."""
    complete = [each for each in signed if each.complete and each.effective_from >= effective_from]
    others = [each for each in complete if each.digest != digest]
    taken = versions(conn).get(rules.version, rules.digest()) != rules.digest()
    card = rules.card
    first, last = (None, None) if card is None else (card.effective_from, card.effective_to)
    found = {
        ("RULES_NOT_SIMULATED", "市の実データで試算されていません。mimamori rules simulate で試算してください。"): (
            last_simulation(conn, digest) is None
        ),
        ("RULES_NOT_APPROVED", f"効力のある承認が、判定のルールとして {rules.version} を挙げていません。承認を変更（amend）し、審議会に諮ってください。"): (
            not _approved(conn, rules.version, today)
        ),
        ("RULES_DATE_PAST", "適用の初日が過ぎています。今日以後の日にしてください。"): effective_from < today,
        ("RULES_DATES_OVERLAP", "この日以後に適用される別のルールがすでに採用されていて、期間が重なります。それより後の日にしてください。"): bool(others),
        ("RULES_OUTSIDE_CARD", "説明票の適用の期間の外の日です。"): (
            (first is not None and effective_from < first) or (last is not None and effective_from > last)
        ),
        ("RULES_VERSION_TAKEN", "同じ版の名で別の内容が採用されています。version を改めてください。"): taken,
    }  # fmt: skip
    return [reason for reason, fails in found.items() if fails]


def _approved(conn: Connection[Any], version: str, today: date) -> bool:
    """Whether the approval that a run of today would rest on names this rule set."""
    view = choose_approval(approvals_now(conn), act="judge", today=today)
    return view is not None and view.in_force(today) and version in view.document.rule_sets


def _sign(conn: Connection[Any], rules: RuleSet, digest: bytes, effective_from: date, by: Person) -> None:
    """The signature and its entry, in the caller's transaction; what is signed is in the entry's detail."""
    said = statement_of(digest, effective_from, by.person) | {"rules": rules.version}
    statement = rfc8785.dumps(said)
    signature = by.sign(statement)
    entry = append(conn, Entry("rules.adopt", detail=said | {"signature": signature.hex()}))
    row = {
        "digest": digest, "effective_from": effective_from, "person": by.person, "statement": statement,
        "simulation": last_simulation(conn, digest), "signature": signature, "entry": entry,
    }  # fmt: skip
    conn.execute(queries("services.rulesets")["adopt"], row)


def _refuse(conditions: list[tuple[str, str]]) -> None:
    if conditions:
        raise RefusedError(conditions, "採用できません: " + " / ".join(text for _, text in conditions))
