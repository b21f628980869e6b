"""What events became, told so that two databases of one home can be compared: by numbers, never by what was drawn at random."""

import json
from collections import Counter
from typing import Any

from psycopg import Connection, sql

from models.judgement.line import leaf_hashes
from services.intake.events_store import PROFILE
from services.judgement.compute import Asked, compute
from services.judgement.ground import ground_of
from services.platform.database import Database
from services.rulesets import adopted_now

# Of a fact: which transaction brought it, which differs with every kill.
BROUGHT_BY = {"batch", "line", "written_by"}
COLUMNS = """
SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'facts' AND table_name IN (
    SELECT table_name FROM information_schema.columns WHERE table_schema = 'facts' AND column_name = 'line')
ORDER BY table_name, ordinal_position
"""
FACTS = """
SELECT md5(row_to_json(told)::text), count(*)
FROM (SELECT {columns} FROM facts.{feed} f JOIN facts.batch b USING (batch) WHERE b.profile = {profile}) AS told GROUP BY 1
"""
SAID = """
SELECT DISTINCT ON (child_id) child_id::text, leaf_hash
FROM judgement.provisional_line JOIN judgement.said USING (judgement) ORDER BY child_id, seal DESC
"""


def facts(database: Database) -> dict[str, Counter[str]]:
    """Feed → digest of each row that events brought → how many such rows."""
    with database.admin() as conn:
        columns: dict[str, list[str]] = {}
        for feed, column in conn.execute(COLUMNS.encode()):
            columns.setdefault(feed, []).append(column)
        return {feed: Counter(dict(conn.execute(_told(feed, names)).fetchall())) for feed, names in columns.items()}


def said(database: Database) -> dict[str, bytes]:
    """Child → leaf of what the last 速報 says of it."""
    with database.admin() as conn:
        return dict(conn.execute(SAID.encode()).fetchall())


def final(database: Database) -> dict[str, tuple[bytes, str]]:
    """Child → what one run of today says on all that is known: its leaf, and its line without the rows that it rests on."""
    with database.connect("analyst") as conn:
        today, rules = database.clock.today(), adopted_now(database)
        seal = _newest_seal(conn)
        ground = ground_of(conn, as_of=today, seal=seal, rules=rules)
        assert ground is not None
        asked = Asked(today, None, rules, trial=True)
        lines = compute(conn, asked, seal=seal, chain=ground.chain, norms=ground.norms).lines
    told = zip(leaf_hashes(lines["line"]), map(_without_sources, lines["line"]), strict=True)
    return dict(zip(lines["child_id"], told, strict=True))


def _told(feed: str, names: list[str]) -> sql.Composed:
    told = [_number(name) for name in names if name not in BROUGHT_BY]
    return sql.SQL(FACTS).format(
        columns=sql.SQL(", ").join(told), feed=sql.Identifier(feed), profile=sql.Literal(PROFILE)
    )


def _number(name: str) -> sql.Composable:
    """A column; a key that was drawn at random by the number that it stands for."""
    column = sql.Identifier("f", name)
    if name == "setai_key":
        told = sql.SQL("(SELECT number FROM identity.household h WHERE h.setai_key = {})").format(column)
    elif name == "case_key":
        told = sql.SQL("(SELECT number FROM identity.case c WHERE c.case_key = {})").format(column)
    elif name.endswith("_keys"):
        persons = "ARRAY(SELECT system || ' ' || number FROM identity.person WHERE person_key = ANY ({}) ORDER BY 1)"
        told = sql.SQL(persons).format(column)
    elif name.endswith("_key") and name != "record_key":
        told = sql.SQL("(SELECT system || ' ' || number FROM identity.person p WHERE p.person_key = {})").format(column)
    else:
        return column
    return sql.SQL("{} AS {}").format(told, sql.Identifier(name))


def _newest_seal(conn: Connection[Any]) -> int:
    row = conn.execute("SELECT max(seal) FROM platform.seal").fetchone()
    assert row is not None
    return int(row[0])


def _without_sources(line: str | bytes) -> str:
    document = json.loads(line)
    for reason in document["reasons"]:
        reason["sources"] = len(reason["sources"])
    return json.dumps(document, sort_keys=True)
