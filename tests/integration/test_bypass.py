"""What a service cannot do to the log, the gate and what hangs on them; and that fsck names it where a superuser or an owner did.

The powerful ones' changes are made, checked and taken back, one after another, in one transaction of one database.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import errors, sql

from models.tlog import leaf_hash, root
from models.tlog.checkpoint import Checkpoint
from models.tlog.note import sign_note, verifier_key
from schemas.rules import load_default
from services.approvals.main import revoke
from services.casework.look import show
from services.casework.queue import act_on
from services.gate.fsck import check_gate
from services.ledger.fsck import check_log
from services.ledger.migration import migrate_and_log
from services.platform.database import Database
from services.platform.roles import DEFINERS, SERVICE_ROLES
from tests.factories_casework import CASEWORKER, Child, Judged, alert_of, judge, person, publish, settle
from tests.operating import Operator

SERVICES = tuple(role for role in SERVICE_ROLES if role not in DEFINERS)
Found = set[tuple[str, int | str | None]]

ENTRY_OF = "(SELECT max(entry) FROM gate.decision WHERE act = '{}')"
A_DECISION = (
    "INSERT INTO gate.decision (outcome, act, items, failed, entry)"
    " SELECT 'permit', 'publish', '{}', '{}', min(index) FROM ledger.entry"
)


@pytest.fixture
def acted(database: Database) -> Database:
    """A city that did every act: two children judged and published, one looked at by name and watched."""
    migrate_and_log(database.settings)
    children = [Child(), Child(name="見守 次郎")]
    settle(database, children)
    judge(database, [Judged(child) for child in children])
    publish(database)
    show(database, alert_of(database, children[0]), CASEWORKER, load_default())
    act_on(
        database,
        alert_of(database, children[0]),
        "watch",
        next(iter(load_default().queue["watch"])),
        CASEWORKER,
        load_default(),
    )
    return database


def found(conn: psycopg.Connection[Any]) -> Found:
    """What fsck finds: kind, and the index where there is one, else the id."""
    with conn.transaction(force_rollback=True):  # a check's temporary table is for one transaction
        log = check_log(conn)
        faults = [*log.faults, *check_gate(conn, log)]
    return {(fault.kind, fault.id if fault.index is None else fault.index) for fault in faults}


def one(conn: psycopg.Connection[Any], query: str) -> Any:
    """The one value that a query gives."""
    return conn.execute(query.encode()).fetchall()[0][0]


# -- What no service can do ----------------------------------------------------------------------------------------------

ATTEMPTS = {
    "a made-up decision": A_DECISION,
    "a made-up entry": "INSERT INTO ledger.entry (index, leaf) SELECT size, '{}' FROM ledger.head",
    "a made-up entry by the function": "SELECT ledger.append_all('[]')",
    "an altered entry": "UPDATE ledger.entry SET leaf = '{}'",
    "an entry taken out": "DELETE FROM ledger.entry",
    "an altered detail": "UPDATE ledger.detail SET detail = '{}'",
    "a detail taken out": "DELETE FROM ledger.detail",
    "numbers given again": "UPDATE ledger.head SET size = 0",
    "a made-up checkpoint": "INSERT INTO ledger.checkpoint (size, root, note) VALUES (1, sha256(''), '')",
    "a refusal turned into a permit": "UPDATE gate.decision SET outcome = 'permit', failed = '{}'",
    "a wider decision": "UPDATE gate.decision SET items = '{person.name}'",
    "an alert moved to another child": "UPDATE publication.alert SET child_id = gen_random_uuid()",
    "a report moved to another number": "UPDATE publication.unlinked_report SET person_key = 1",
    "an alert by a used permit": "UPDATE publication.alert SET decision = (SELECT min(decision::text)::uuid FROM publication.alert)",
    "a wider approval": "UPDATE gate.approval SET items = items || '{person.name}'",
    "another document": "UPDATE gate.approval SET document = ''",
    "a forged signature": "UPDATE gate.approval_event SET signature = sha512('')",
    "a step taken out": "DELETE FROM gate.approval_event",
    "another key": "UPDATE gate.person SET public_key = sha256('')",
    "a suspension lifted": "UPDATE gate.suspension SET state = 'lifted'",
    "a consent in another's name": "UPDATE gate.unmasking SET person = 'hearer'",
    "a request in another's name": "UPDATE rights.request SET person = 'hearer'",
    "a name marked as not read": "DELETE FROM gate.revealed",
    "a duty put off": "UPDATE gate.duty SET due = '2099-01-01'",
    "a duty taken out": "DELETE FROM gate.duty",
    "a made-up review": "INSERT INTO gate.emergency_review (decision, finding, late, person, statement, signature, entry)"
    " SELECT decision, 'justified', false, 'hearer', '', sha512(''), entry FROM gate.decision LIMIT 1",
    "an emergency hidden": "UPDATE gate.decision SET emergency = false",
    "a permit by hand in the approval's check": "SELECT gate.second_opinion('{}')",
    "all rows at once": "TRUNCATE ledger.entry CASCADE",
    "the owner's role": "SET ROLE mimamori_owner",
    "the gate's role": "SET ROLE gate",
    "the log's role": "SET SESSION AUTHORIZATION ledger",
    "constraints asleep": "SET session_replication_role = replica",
    "a constraint dropped": "ALTER TABLE publication.alert DROP CONSTRAINT alert_decision_key",
    "a trigger turned off": "ALTER TABLE gate.approval DISABLE TRIGGER approval_goes_forward",
    "the gate replaced": "CREATE OR REPLACE FUNCTION gate.may_ask(login name, acting text, act text) RETURNS boolean"
    " LANGUAGE sql AS 'SELECT true'",
    "a membership": "GRANT gate TO publisher",
}  # fmt: skip
# What a role is trusted with: nobody logs in as the two definers, whose functions act for the others.
MAY = {
    ("gate", "a made-up decision"),
    ("gate", "a made-up review"),
    ("gate", "a made-up entry by the function"),
    ("gate", "a permit by hand in the approval's check"),
    ("gate", "the gate's role"),
    ("ledger", "a made-up entry"),
    ("ledger", "a made-up entry by the function"),
    ("ledger", "a detail taken out"),
    ("ledger", "numbers given again"),
    ("ledger", "a made-up checkpoint"),
    ("ledger", "the log's role"),
}


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_no_service_gets_round_gate_and_log(acted: Database, role: str) -> None:
    done = set()
    for attempt, statement in ATTEMPTS.items():
        try:
            with acted.connect(role) as conn:
                conn.execute(statement.encode())
                done.add((role, attempt))
                conn.rollback()
        except errors.InsufficientPrivilege:
            pass
    assert done <= MAY
    with acted.connect("auditor") as conn:
        assert found(conn) == set()


def test_a_recipient_is_not_added_to_a_signed_approval(acted: Database) -> None:
    with pytest.raises(errors.RaiseException, match="with the draft"), acted.connect("approvals") as conn:
        conn.execute(
            "INSERT INTO gate.approval_recipient (approval, version, office, role, act, items)"
            " SELECT approval, version, '別の課', 'publisher', 'publish', items FROM gate.approval"
        )


# Types that a session of its own making puts in the way of PostgreSQL's: what their check runs, it would run as the definer.
LURED = ("text", "date", "uuid", "jsonb", "bytea", "name", "timestamptz")
LURE = """
CREATE FUNCTION pg_temp.run_as(pg_catalog.{0}) RETURNS pg_catalog.bool LANGUAGE plpgsql AS $$ BEGIN
    IF current_user <> session_user THEN RAISE EXCEPTION 'ran as %', current_user; END IF;
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION pg_temp.run_as(pg_catalog.{0}) TO PUBLIC;
CREATE DOMAIN pg_temp.{0} AS pg_catalog.{0} CHECK (pg_temp.run_as(VALUE))
"""
A_REQUEST = (
    '[{"act": "publish", "outcome": "permit", "failed": [], "items": ["x.y"], "classes": ["x"], "acting": "publisher",'
    ' "approval": "approval-2", "version": 1, "child": "7b3b5a4e-1111-4111-8111-111111111111", "judgement": 1}]'
)


@pytest.mark.parametrize(
    ("role", "call"),
    [
        ("publisher", f"SELECT * FROM gate.decide('{A_REQUEST}')"),
        ("casework", "SELECT gate.reveal(max(decision::pg_catalog.text)::pg_catalog.uuid) FROM gate.decision WHERE act = 'look'"),
        ("approvals", "SELECT ledger.append('approval.draft', '{}', '{}')"),
        ("rights", "SELECT rights.erase(NULL, gen_random_uuid(), NULL, '')"),
        ("rights", "SELECT rights.number_handle('atena_no', '1')"),
    ],
)  # fmt: skip
def test_no_type_of_ones_own_is_run_as_a_definer(acted: Database, role: str, call: str) -> None:
    for lured in LURED:
        try:
            with acted.connect(role) as conn:
                conn.execute(LURE.format(lured).encode())
                conn.execute(call.encode())
                conn.rollback()
        except psycopg.Error as error:
            assert "ran as" not in str(error), lured


def test_numbers_that_are_equal_and_not_written_alike_share_no_permit(acted: Database) -> None:
    """Opinions are shared between like requests: one that is only taken for alike would have none."""
    asked = A_REQUEST.replace('"approval-2"', '"no such approval"')
    twins = [asked[1:-1].replace("{", f'{{"x": {number}, ', 1) for number in ("1", "1.0")]
    with acted.connect("publisher") as conn:
        rows = conn.execute("SELECT outcome FROM gate.decide(%s)", (f"[{', '.join(twins)}]",)).fetchall()
    assert rows == [("refuse",), ("refuse",)]


# -- What the definers' own passwords would open -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "attempt", "kinds"),
    [
        ("gate", "a made-up decision", {"DECISION_WITHOUT_ENTRY"}),
        ("gate", "a made-up review", {"REVIEW_DIFFERS", "REVIEW_NOT_SIGNED", "CHANGE_WITHOUT_ENTRY"}),
        ("ledger", "a made-up entry", {"HEAD_DIFFERS", "DETAIL_MISSING", "ENTRY_MISPLACED"}),
        ("ledger", "a detail taken out", {"DETAIL_MISSING"}),
        ("ledger", "numbers given again", {"HEAD_DIFFERS"}),
        ("ledger", "a made-up checkpoint", {"TREE_DIFFERS", "CHECKPOINT_NOT_SIGNED"}),
    ],
)
def test_what_a_definers_password_opens_is_named(acted: Database, role: str, attempt: str, kinds: set[str]) -> None:
    with acted.connect(role) as conn:
        conn.execute(ATTEMPTS[attempt].encode())
    with acted.connect("auditor") as conn:
        assert kinds <= {kind for kind, _ in found(conn)}


# -- What a superuser or an owner can do, and fsck names -----------------------------------------------------------------


@dataclass(frozen=True)
class Bypass:
    """What somebody powerful does. about: a query for the index or id that fsck names, asked before it is done."""

    done: str
    kind: str
    about: str
    role: str = "postgres"


def change_of(table: str, values: str) -> str:
    """Alters what one row says. Foreign keys and triggers are asleep."""
    return f"SET LOCAL session_replication_role = replica; UPDATE {table} SET {values}"


def leaf_with(old: str, new: str, index: str) -> str:
    """Alters one entry in place."""
    altered = f"convert_to(replace(convert_from(leaf, 'UTF8'), '{old}', '{new}'), 'UTF8')"
    return f"UPDATE ledger.entry SET leaf = {altered} WHERE index = {index}"


PUBLISHED = ENTRY_OF.format("publish")
REMOVED = "SET LOCAL session_replication_role = replica; DELETE FROM "
V1 = "SELECT 'approval-2 v1'"
BYPASSES = {
    "an entry altered": Bypass(leaf_with('"permit"', '"refuse"', PUBLISHED), "DECISION_DIFFERS", f"SELECT {PUBLISHED}"),
    "an entry with a space": Bypass(leaf_with('":"', '": "', PUBLISHED), "ENTRY_NOT_CANONICAL", f"SELECT {PUBLISHED}"),
    "an entry made unreadable": Bypass("UPDATE ledger.entry SET leaf = '\\x00ff' WHERE index = 3", "ENTRY_NOT_CANONICAL", "SELECT 3"),
    "an entry with another commitment": Bypass(
        leaf_with('"commitment":"', '"commitment":"0', PUBLISHED), "COMMITMENT_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "an entry taken out": Bypass(f"{REMOVED} ledger.entry WHERE index = 3", "ENTRY_MISSING", "SELECT 3"),
    "two entries exchanged": Bypass(
        "UPDATE ledger.entry e SET leaf = o.leaf FROM ledger.entry o WHERE (e.index, o.index) IN ((3, 4), (4, 3))",
        "ENTRY_MISPLACED", "SELECT 3",
    ),
    "a detail altered": Bypass(
        f"UPDATE ledger.detail SET detail = detail || ' ' WHERE index = {PUBLISHED}", "COMMITMENT_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "details emptied": Bypass("TRUNCATE ledger.detail", "DETAIL_MISSING", "SELECT 0"),
    "the end of the log cut off": Bypass(
        f"{REMOVED} ledger.entry WHERE index = (SELECT max(index) FROM ledger.entry)", "HEAD_DIFFERS", "SELECT max(index) FROM ledger.entry"
    ),
    "an entry made up": Bypass(
        "SELECT ledger.append_all('[{\"clear\": {\"kind\": \"decision\", \"act\": \"publish\", \"decision\": \"permit\"}}]')",
        "ENTRY_WITHOUT_DECISION", "SELECT size FROM ledger.head",
    ),
    "an erasure made up": Bypass(
        "SELECT ledger.append_all('[{\"clear\": {\"kind\": \"erased\"}, \"detail\": {\"entries\": [3]}}]')",
        "ENTRY_WITHOUT_CHANGE", "SELECT size FROM ledger.head",
    ),
    "a decision made up": Bypass(A_DECISION, "DECISION_WITHOUT_ENTRY", "SELECT 0"),
    "a decision taken out": Bypass(f"{REMOVED} gate.decision WHERE entry = {PUBLISHED}", "ENTRY_WITHOUT_DECISION", f"SELECT {PUBLISHED}"),
    "a decision for wider items": Bypass(
        change_of("gate.decision", f"items = '{{person.name}}' WHERE entry = {PUBLISHED}"), "DECISION_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "a decision on another child": Bypass(
        change_of("gate.decision", f"child_id = gen_random_uuid() WHERE entry = {PUBLISHED}"), "DECISION_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "an alert taken out": Bypass(f"{REMOVED} publication.alert WHERE entry = {PUBLISHED}", "PERMIT_WITHOUT_ACT", f"SELECT {PUBLISHED}"),
    "a run taken out": Bypass(f"{REMOVED} judgement.run", "PERMIT_WITHOUT_ACT", f"SELECT {ENTRY_OF.format('judge')}"),
    "links taken out": Bypass(f"{REMOVED} linkage.run", "PERMIT_WITHOUT_ACT", f"SELECT {ENTRY_OF.format('link')}"),
    "a batch taken out": Bypass(f"{REMOVED} facts.batch", "PERMIT_WITHOUT_ACT", f"SELECT {ENTRY_OF.format('collect')}"),
    "an alert for another child": Bypass(
        change_of("publication.alert", f"child_id = gen_random_uuid() WHERE entry = {PUBLISHED}"),
        "ACT_WITHOUT_PERMIT", f"SELECT 'alert ' || alert FROM publication.alert WHERE entry = {PUBLISHED}",
    ),
    "an alert without a permit": Bypass(
        change_of("publication.alert", f"decision = gen_random_uuid() WHERE entry = {PUBLISHED}"),
        "ACT_WITHOUT_PERMIT", f"SELECT 'alert ' || alert FROM publication.alert WHERE entry = {PUBLISHED}",
    ),
    "a permit used twice": Bypass(
        "ALTER TABLE publication.alert DROP CONSTRAINT alert_decision_key;"
        " INSERT INTO publication.alert (alert, decision, child_id, judgement, recipient, entry, xact, run, seal, category, data_check, codes, as_of)"
        " SELECT 'again', decision, child_id, judgement, recipient, entry, xact, run, seal, category, data_check, codes, as_of"
        f" FROM publication.alert WHERE entry = {PUBLISHED}",
        "PERMIT_USED_TWICE", f"SELECT decision::text FROM gate.decision WHERE entry = {PUBLISHED}", role="mimamori_owner",
    ),
    "another root": Bypass(change_of("judgement.run", "root = sha256('x')"), "RUN_DIFFERS", f"SELECT {ENTRY_OF.format('judge')}"),
    "a name read": Bypass(
        f"INSERT INTO gate.revealed (decision) SELECT decision FROM gate.decision WHERE entry = {PUBLISHED}",
        "NAME_WITHOUT_LOOK", f"SELECT {PUBLISHED}",
    ),
    "a caseworker's act taken out": Bypass("DELETE FROM casework.action", "ENTRY_WITHOUT_CHANGE", "SELECT entry FROM casework.action"),
    "a caseworker's act turned round": Bypass(
        "UPDATE casework.action SET verb = 'dismiss'", "CHANGE_WITHOUT_ENTRY", "SELECT entry FROM casework.action"
    ),
    "a caseworker's act for another reason": Bypass(
        "UPDATE casework.action SET reason = 'OTHER'", "ACTION_DIFFERS", "SELECT entry FROM casework.action"
    ),
    "a caseworker's act in another's name": Bypass(
        change_of("casework.action", "person = 'admin'"), "ACTION_DIFFERS", "SELECT entry FROM casework.action"
    ),
    "a run of another day": Bypass(change_of("judgement.run", "as_of = '2026-01-01'"), "RUN_DIFFERS", f"SELECT {ENTRY_OF.format('judge')}"),
    "another manifest": Bypass(change_of("judgement.run", "manifest = ''"), "RUN_DIFFERS", f"SELECT {ENTRY_OF.format('judge')}"),
    "another file": Bypass(
        change_of("facts.batch", "digest = sha256('') WHERE feed = 'resident'"),
        "BATCH_DIFFERS", "SELECT entry FROM gate.decision JOIN facts.batch USING (decision) WHERE feed = 'resident'",
    ),
    "a link taken out": Bypass(
        f"{REMOVED} linkage.link WHERE person_key = (SELECT min(person_key) FROM linkage.link)",
        "LINKS_DIFFER", f"SELECT {ENTRY_OF.format('link')}",
    ),
    "an alert for other reasons": Bypass(
        change_of("publication.alert", f"codes = '{{OTHER}}' WHERE entry = {PUBLISHED}"), "ALERT_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "an alert of another day": Bypass(
        change_of("publication.alert", f"as_of = '2026-01-01' WHERE entry = {PUBLISHED}"), "ALERT_DIFFERS", f"SELECT {PUBLISHED}"
    ),
    "an event taken out": Bypass(
        f"DELETE FROM publication.outbox WHERE alert = (SELECT alert FROM publication.alert WHERE entry = {PUBLISHED})",
        "ALERT_NOT_HANDED_ON", f"SELECT {PUBLISHED}",
    ),
    "a decision of another time": Bypass(
        change_of("gate.decision", f"decided_at = decided_at - interval '1 hour' WHERE entry = {PUBLISHED}"),
        "TIME_DIFFERS", f"SELECT {PUBLISHED}",
    ),
    "a hearing at another time": Bypass(
        "UPDATE gate.approval_event SET at = at - interval '1 hour' WHERE approval = 'approval-2' AND what = 'hear'",
        "TIME_DIFFERS", "SELECT entry FROM gate.approval_event WHERE approval = 'approval-2' AND what = 'hear'",
    ),
    "a friendlier opinion": Bypass(
        change_of("gate.approval", "opinion = 'conditional' WHERE approval = 'approval-2'"), "OPINION_DIFFERS", V1
    ),
    "a look by somebody revoked": Bypass(
        leaf_with("person.add", "person.revoke", "(SELECT index FROM ledger.detail"
                  " WHERE convert_from(detail, 'UTF8') LIKE '%\"person\":\"caseworker\",\"public_key\"%')"),
        "PERMIT_AFTER_REVOCATION", f"SELECT {ENTRY_OF.format('look')}",
    ),
    "a run made a trial": Bypass(change_of("judgement.run", "status = 'trial'"), "RUN_DIFFERS", f"SELECT {ENTRY_OF.format('judge')}"),
    "a run by other rules": Bypass(change_of("judgement.run", "rules = 'others'"), "RUN_DIFFERS", f"SELECT {ENTRY_OF.format('judge')}"),
    "a person whom no admin signed for": Bypass(
        "INSERT INTO gate.person (person, public_key, roles, added_by, signature)"
        " VALUES ('friend', sha256(''), '{admin}', 'admin', sha512(''))", "PERSON_NOT_SIGNED", "SELECT 'friend'",
    ),
    "a person taken out": Bypass(
        f"{REMOVED} gate.person WHERE person = 'drafter'", "PERSON_GONE",
        "SELECT index FROM ledger.detail WHERE convert_from(detail, 'UTF8') LIKE '%\"person\":\"drafter\",\"public_key\"%'",
    ),
    "a person revoked by nobody": Bypass(
        "UPDATE gate.person SET revoked_by = 'admin', revoked_at = now() WHERE person = 'drafter'",
        "REVOCATION_WITHOUT_ENTRY", "SELECT 'drafter'",
    ),
    "a wider approval": Bypass("UPDATE gate.approval SET items = items || '{x.y}' WHERE approval = 'approval-2'", "APPROVAL_DIFFERS", V1),
    "a longer period": Bypass("UPDATE gate.approval SET period_to = '2099-01-01' WHERE approval = 'approval-2'", "APPROVAL_DIFFERS", V1),
    "a clause that holds for longer": Bypass(
        "SET LOCAL session_replication_role = replica;"
        " UPDATE gate.approval SET clause_from = '1999-01-01' WHERE approval = 'approval-2'", "APPROVAL_CLAUSE_DATES", V1,
    ),
    "a clause that ends": Bypass(
        "SET LOCAL session_replication_role = replica;"
        " UPDATE gate.approval SET clause_to = '2027-03-31' WHERE approval = 'approval-2'", "APPROVAL_CLAUSE_DATES", V1,
    ),
    "another recipient": Bypass(
        "SET LOCAL session_replication_role = replica; INSERT INTO gate.approval_recipient (approval, version, office, role, act, items)"
        " VALUES ('approval-2', 1, '別の課', 'publisher', 'publish', '{person.name}')", "APPROVAL_DIFFERS", V1,
    ),
    "another document": Bypass(
        "UPDATE gate.approval SET document = replace(document, 'safeguards', 'conditions') WHERE approval = 'approval-2'",
        "APPROVAL_ALTERED", V1,
    ),
    "a forged signature": Bypass(
        "UPDATE gate.approval_event SET signature = sha512('') WHERE approval = 'approval-2' AND what = 'hear'", "APPROVAL_NOT_SIGNED", V1
    ),
    "a hearing by whoever drafted": Bypass(
        "UPDATE gate.approval_event SET person = 'drafter' WHERE approval = 'approval-2' AND what = 'hear'", "APPROVAL_NOT_SIGNED", V1
    ),
    "a hearing taken out": Bypass(
        "DELETE FROM gate.approval_event WHERE approval = 'approval-2' AND what = 'hear'", "ENTRY_WITHOUT_CHANGE",
        "SELECT entry FROM gate.approval_event WHERE approval = 'approval-2' AND what = 'hear'",
    ),
    "another opinion": Bypass(
        "SET LOCAL session_replication_role = replica;"
        " UPDATE gate.approval SET council = council || '{\"meeting\": \"なし\"}' WHERE approval = 'approval-2'",
        "APPROVAL_NOT_SIGNED", V1,
    ),
    "a key put in the place of another": Bypass(
        change_of("gate.person", "public_key = sha256('') WHERE person = 'hearer'"), "PERSON_WITHOUT_ENTRY", "SELECT 'hearer'"
    ),
    "a further role": Bypass(change_of("gate.person", "roles = roles || '{hearer}' WHERE person = 'drafter'"), "PERSON_WITHOUT_ENTRY", "SELECT 'drafter'"),
}  # fmt: skip


def test_what_the_powerful_do_succeeds_and_is_named(acted: Database, subtests: pytest.Subtests) -> None:
    with acted.admin() as conn:
        assert found(conn) == set()
        for name, bypass in BYPASSES.items():
            with subtests.test(name), conn.transaction(force_rollback=True):
                about = one(conn, bypass.about)
                conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(bypass.role)))
                conn.execute(bypass.done.encode())
                conn.execute("RESET ROLE; SET LOCAL session_replication_role = origin")
                assert (bypass.kind, about) in found(conn)


CHANGED_RULES = [
    "ALTER TABLE publication.alert DROP CONSTRAINT alert_decision_key",
    "ALTER TABLE gate.approval DISABLE TRIGGER approval_goes_forward",
    "ALTER TABLE judgement.norm_set SET UNLOGGED",
    "ALTER FUNCTION gate.may_ask SECURITY DEFINER",
    "GRANT INSERT ON gate.decision TO publisher",
    "GRANT gate TO publisher",
    "CREATE ROLE somebody; GRANT pg_write_all_data TO somebody",
    "ALTER ROLE publisher BYPASSRLS",
    "ALTER TABLE ledger.entry OWNER TO publisher",
    "CREATE ROLE somebody SUPERUSER",
    "DO $$ BEGIN EXECUTE format('ALTER ROLE publisher IN DATABASE %I SET session_replication_role = replica', current_database()); END $$",
    "ALTER ROLE publisher SET session_replication_role = replica",
    "GRANT SET ON PARAMETER session_replication_role TO publisher",
    "CREATE FUNCTION pg_catalog.sha256(text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'",
    "CREATE AGGREGATE public.a(int) (SFUNC = int4pl, STYPE = int)",
    "CREATE CAST (text AS int) WITH INOUT AS IMPLICIT",
    "CREATE DOMAIN pg_catalog.uuid_ AS uuid",
    "CREATE OPERATOR public.<<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = textlike)",
    "UPDATE pg_language SET lanpltrusted = true WHERE lanname = 'c'",
    "CREATE PUBLICATION everything FOR ALL TABLES",
    "UPDATE platform.home SET env = 'demo'",
]  # fmt: skip


def test_a_changed_rule_of_the_database_is_named(acted: Database, subtests: pytest.Subtests) -> None:
    with acted.admin() as conn:
        index = one(
            conn, "SELECT index FROM ledger.entry WHERE convert_from(leaf, 'UTF8')::jsonb ->> 'kind' = 'migration'"
        )
        for done in CHANGED_RULES:
            with subtests.test(done), conn.transaction(force_rollback=True):
                conn.execute(done.encode())
                assert found(conn) == {("CATALOGUE_CHANGED", index)}


def test_a_changed_rule_that_is_logged_again_is_named(acted: Database) -> None:
    with acted.admin() as conn:
        conn.execute("ALTER TABLE publication.alert DROP CONSTRAINT alert_decision_key")
        conn.execute("UPDATE platform.migration SET catalogue = encode(sha256('another'), 'hex')")
    migrate_and_log(acted.settings)
    with acted.connect("auditor") as conn:
        assert {kind for kind, _ in found(conn)} == {"CATALOGUE_CHANGED", "CATALOGUE_LOGGED_TWICE"}


def test_a_permit_after_a_revocation_is_named(acted: Database) -> None:
    """A superuser puts a revoked approval back: the gate's own function permits again, at a higher index."""
    revoke(acted, "approval-2", person(acted, "hearer"), reason="試験")
    with acted.admin() as conn:
        before = found(conn)
        conn.execute("SET LOCAL session_replication_role = replica")
        conn.execute("UPDATE gate.decision SET entry = (SELECT size FROM ledger.head) WHERE act = 'link'")
        conn.execute(
            "SELECT ledger.append_all(jsonb_build_array(jsonb_build_object('clear',"
            " (convert_from(leaf, 'UTF8')::jsonb - ARRAY['v', 'index', 'day', 'commitment']), 'detail', '{}'::jsonb)))"
            " FROM ledger.entry WHERE index = (SELECT min(index) FROM ledger.entry WHERE convert_from(leaf, 'UTF8')::jsonb ->> 'act' = 'link')"
        )
        index = one(conn, "SELECT size - 1 FROM ledger.head")
        assert before == set()
        assert ("PERMIT_OUTSIDE_FORCE", index) in found(conn)
        conn.rollback()


# -- Checkpoints ---------------------------------------------------------------------------------------------------------


def checkpoint(conn: psycopg.Connection[Any], key: Ed25519PrivateKey, size: int) -> None:
    """Publish the tree of the first `size` entries."""
    rows = conn.execute("SELECT leaf FROM ledger.entry WHERE index < %s ORDER BY index", (size,)).fetchall()
    made = Checkpoint("city.example/log", size, root([leaf_hash(leaf) for (leaf,) in rows]))
    note = sign_note(made.text, made.origin, key)
    conn.execute("INSERT INTO ledger.checkpoint (size, root, note) VALUES (%s, %s, %s)", (size, made.root, note))


def test_checkpoints_that_the_entries_do_not_give_are_named(acted: Database) -> None:
    key = Ed25519PrivateKey.generate()
    with acted.admin() as conn:
        conn.execute(
            "INSERT INTO ledger.log_key (number, verifier) VALUES (1, %s)",
            (verifier_key("city.example/log", key.public_key().public_bytes_raw()),),
        )
        for size in (0, 1, 5, 8):
            checkpoint(conn, key, size)
        assert found(conn) == set()
        with conn.transaction(force_rollback=True):  # what is no key keeps nothing else from being named
            conn.execute("INSERT INTO ledger.log_key (number, verifier) VALUES (2, 'no key')")
            conn.execute("UPDATE ledger.checkpoint SET root = sha256('') WHERE size = 5")
            named = {("KEY_UNREADABLE", "key 2"), ("TREE_DIFFERS", 1), ("CHECKPOINT_NOT_SIGNED", "checkpoint 5")}
            assert found(conn) == named
        with conn.transaction(force_rollback=True):  # what no other check asks about: the day
            conn.execute(leaf_with('"day":"2026', '"day":"2025', "6").encode())
            assert found(conn) == {("TREE_DIFFERS", 5)}
        with conn.transaction(force_rollback=True):
            conn.execute("UPDATE ledger.checkpoint SET root = sha256('') WHERE size = 5")
            assert found(conn) == {("TREE_DIFFERS", 1), ("CHECKPOINT_NOT_SIGNED", "checkpoint 5")}
        with conn.transaction(force_rollback=True):  # an older state of the database under a checkpoint of today
            conn.execute("UPDATE ledger.checkpoint SET size = 1000 WHERE size = 8")
            assert ("ROLLED_BACK", one(conn, "SELECT size FROM ledger.head")) in found(conn)
        conn.rollback()


# -- The command ---------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_found_and_ends_with_1(acted: Database, operator: Operator) -> None:
    good = operator.json("log", "fsck", code=1)
    assert [error["kind"] for error in good["errors"]] == ["RUN_ALTERED"]  # this city's run was written by hand
    assert good["checked"]["decisions"] == 7
    with acted.admin() as conn:
        conn.execute("DELETE FROM casework.action")
    bad = operator.json("log", "fsck", code=1)
    assert [error["kind"] for error in bad["errors"]] == ["ENTRY_WITHOUT_CHANGE", "RUN_ALTERED"]
    assert set(bad["errors"][0]) == {"kind", "index", "text"}
