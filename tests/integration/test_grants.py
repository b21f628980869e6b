"""What each database role can read and write: the whole matrix, and everything that is not in it is refused."""

import pytest
from psycopg import errors, sql

from services.platform.database import Database
from services.platform.roles import SERVICE_ROLES

KNOWN_TO_ALL = "intake linkage analyst gate publisher casework approvals council rights auditor"
FEEDS = [
    "academic",
    "attendance",
    "boshi_hoken",
    "edu_support",
    "gakureibo",
    "health_check",
    "hoiku",
    "household",
    "jido_fuyo_teate",
    "jido_teate",
    "legal_basis",
    "life_answer",
    "life_scale",
    "oneroster_map",
    "physical",
    "resident",
    "seikatsu_hogo",
    "shien_sochi",
    "shugaku_enjo",
    "soudan",
    "tax_class",
    "instrument_key",
    "instrument_norm",
    "survey_max",
]
MORE_READERS = {
    "resident": "linkage gate", "gakureibo": "linkage gate", "shien_sochi": "gate", "oneroster_map": "linkage",
    "academic": "linkage", "shugaku_enjo": "linkage", "edu_support": "linkage", "jido_fuyo_teate": "linkage",
    "boshi_hoken": "linkage", "soudan": "linkage", "life_answer": "linkage", "life_scale": "linkage", "physical": "linkage",
    "attendance": "linkage", "health_check": "linkage", "jido_teate": "linkage", "hoiku": "linkage",
}  # fmt: skip

NOT_JUDGED = ("shien_sochi", "health_check", "jido_teate")  # no rule set names them


def _eraser(feed: str) -> str:
    """rights.erase acts as the gate, on every feed that tells of persons."""
    return "" if feed in ("legal_basis", "instrument_key", "instrument_norm", "survey_max") else "gate"


# table: who may read (at least a column), who may write (insert, update, delete or truncate, at least a column)
MATRIX = {
    "platform.home": (f"{KNOWN_TO_ALL} ledger worker", ""),
    "platform.migration": (f"{KNOWN_TO_ALL} ledger worker", ""),
    "platform.seal": (f"{KNOWN_TO_ALL} ledger worker", "ledger"),
    "platform.seal_head": (f"{KNOWN_TO_ALL} ledger worker", "ledger"),
    "identity.pepper": ("intake gate", "intake"),
    "identity.person": ("intake linkage gate rights", "intake gate"),
    "identity.household": ("intake linkage gate rights", "intake gate"),
    'identity."case"': ("intake gate rights", "intake gate"),
    "identity.resident_name": ("intake linkage gate rights", "intake gate"),
    "identity.record": ("intake gate", "intake gate"),
    "facts.batch": ("intake linkage analyst gate publisher casework council rights auditor worker", "intake"),
    "facts.record_order": ("intake analyst worker", ""),
    "intake.quarantine": ("intake auditor council gate", "intake gate"),
    "intake.held": ("intake auditor council", "intake"),
    "linkage.run": ("linkage analyst council auditor worker", "linkage"),
    "linkage.link": ("linkage analyst gate rights auditor worker", "linkage gate"),
    "linkage.review": ("linkage gate", "linkage gate"),
    "linkage.household": ("linkage analyst gate worker", "linkage gate"),
    "ledger.head": (f"{KNOWN_TO_ALL} ledger", "ledger"),
    "ledger.entry": (f"{KNOWN_TO_ALL} ledger", "ledger"),
    "ledger.detail": ("ledger auditor rights gate", "ledger"),
    "ledger.checkpoint": (f"{KNOWN_TO_ALL} ledger", "ledger"),
    "ledger.halt": (f"{KNOWN_TO_ALL} ledger", "ledger"),
    "ledger.log_key": (f"{KNOWN_TO_ALL} ledger", "ledger"),
    "bus.inbox": ("intake worker gate auditor", "intake worker gate"),
    "bus.dead_letter": ("intake publisher auditor", "intake publisher"),
    "bus.worker": ("worker auditor", "worker"),
    "bus.lease": ("worker auditor", "worker"),
    "gate.person": (f"{KNOWN_TO_ALL} worker", "approvals"),
    "gate.approval": (f"{KNOWN_TO_ALL} worker", "approvals gate"),
    "gate.approval_recipient": (f"{KNOWN_TO_ALL} worker", "approvals"),
    "gate.approval_event": (f"{KNOWN_TO_ALL} worker", "approvals"),
    "gate.decision": (f"{KNOWN_TO_ALL} worker", "gate"),
    "gate.suspension": (f"{KNOWN_TO_ALL} worker", "approvals gate"),
    "gate.duty": (f"{KNOWN_TO_ALL} worker", "gate"),
    "gate.emergency_review": (f"{KNOWN_TO_ALL} worker", "gate"),
    "gate.revealed": ("gate auditor", "gate"),
    "gate.unmasking": ("casework gate auditor", "casework gate"),
    "rules.rule_set": (f"{KNOWN_TO_ALL} ledger worker", "analyst approvals"),
    "rules.simulation": (f"{KNOWN_TO_ALL} ledger worker", "analyst"),
    "rules.adoption": (f"{KNOWN_TO_ALL} ledger worker", "approvals"),
    "judgement.run": ("analyst publisher casework council gate auditor worker", "analyst"),
    "judgement.change": ("analyst council auditor", "analyst"),
    "judgement.release": ("analyst publisher casework council gate auditor worker", "analyst"),
    "judgement.judgement": ("analyst publisher casework rights gate auditor worker", ""),
    "judgement.published": ("publisher auditor worker", ""),
    "judgement.said": ("analyst casework gate worker", "analyst gate worker"),
    "judgement.line": ("analyst gate", "analyst gate"),
    "judgement.provisional": ("analyst publisher casework council gate auditor worker", "worker"),
    "judgement.provisional_line": ("analyst gate worker", "gate worker"),
    "judgement.erased_line": ("analyst rights gate auditor", "gate"),
    "judgement.norm_set": ("analyst worker", "analyst"),
    "publication.alert": ("analyst publisher casework council rights gate auditor worker", "publisher gate worker"),
    "publication.confirmation": ("publisher casework council gate auditor", "publisher gate"),
    "publication.unlinked_report": ("publisher casework council rights gate auditor worker", "gate worker"),
    "publication.outbox": ("publisher auditor gate", "publisher gate worker"),
    "casework.inbox": ("publisher casework gate", "publisher gate worker"),
    "casework.item": ("publisher casework council auditor gate", "casework gate"),
    "casework.action": ("analyst publisher casework council auditor gate worker", "casework gate"),
    "casework.ticket": ("casework", "casework"),
    "rights.request": ("rights gate council auditor", "rights"),
    "rights.erasure": ("rights gate council auditor", "gate"),
    "rights.erased": ("rights gate council auditor", "gate"),
    "rights.gone": ("rights gate intake", "gate"),
} | {
    f"facts.{feed}": (
        f"intake {MORE_READERS.get(feed, '')} {'' if feed in NOT_JUDGED else 'analyst worker'} {_eraser(feed)}",
        f"intake {_eraser(feed)}",
    )
    for feed in FEEDS
}

TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'p') AND n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast')
"""
RIGHTS = """
SELECT has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_any_column_privilege(%(role)s, c.oid, 'SELECT'),
       has_schema_privilege(%(role)s, n.oid, 'USAGE')
       AND (has_any_column_privilege(%(role)s, c.oid, 'INSERT') OR has_any_column_privilege(%(role)s, c.oid, 'UPDATE')
            OR has_table_privilege(%(role)s, c.oid, 'DELETE') OR has_table_privilege(%(role)s, c.oid, 'TRUNCATE'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %(table)s::regclass
"""


def test_each_table_is_read_and_written_by_those_of_the_matrix_and_by_nobody_else(database: Database) -> None:
    found: dict[str, tuple[set[str], set[str]]] = {}
    with database.admin() as conn:
        for (table,) in conn.execute(TABLES).fetchall():
            rights = {
                role: conn.execute(RIGHTS, {"role": role, "table": table}).fetchall()[0] for role in SERVICE_ROLES
            }
            found[table] = (
                {r for r, (read, _) in rights.items() if read},
                {r for r, (_, write) in rights.items() if write},
            )
    expected = {table: (set(read.split()), set(write.split())) for table, (read, write) in MATRIX.items()}
    assert found == expected


# views; and a run's lines: the run's own row says it, and a name each would be half of what is stored
WITHOUT_WRITER = {
    "facts.record_order",
    "judgement.judgement",
    "judgement.published",
    "judgement.line",
    "judgement.provisional_line",
}


@pytest.mark.parametrize("role", ["intake", "linkage"])
def test_who_has_the_names_does_not_learn_whom_alerts_and_looks_are_about(database: Database, role: str) -> None:
    with database.connect(role) as conn:
        conn.execute("SELECT act, outcome FROM gate.decision")
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute("SELECT child_id, judgement, person FROM gate.decision")


def test_every_table_says_who_wrote_each_row(database: Database) -> None:
    with database.admin() as conn:
        without = conn.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname NOT IN ('information_schema', 'pg_catalog')"
            " AND NOT EXISTS (SELECT FROM information_schema.columns i WHERE i.table_schema = n.nspname"
            " AND i.table_name = c.relname AND i.column_name = 'written_by' AND i.data_type = 'name'"
            " AND i.column_default IN ('CURRENT_USER', 'current_user'))"
        ).fetchall()
    assert {table for (table,) in without} == WITHOUT_WRITER & {"judgement.line", "judgement.provisional_line"}


def test_no_function_acts_as_the_owner(database: Database) -> None:
    with database.admin() as conn:
        rows = conn.execute(
            "SELECT p.proname, pg_get_userbyid(p.proowner) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    assert rows and {owner for _, owner in rows} <= {"gate", "ledger"}


def test_no_function_looks_for_types_among_the_callers_temporary_ones(database: Database) -> None:
    """A path that does not name pg_temp begins with it."""
    with database.admin() as conn:
        rows = conn.execute(
            "SELECT p.oid::regprocedure::text, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosqlbody IS NULL AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    assert rows and [name for name, config in rows if config != ["search_path=pg_catalog, pg_temp"]] == []


@pytest.mark.parametrize("role", [role for role in SERVICE_ROLES if role != "airflow"])  # airflow has its own database
def test_no_service_can_become_another_role_or_empty_a_table(database: Database, role: str) -> None:
    for other in ("mimamori_owner", "gate", "ledger", "postgres", *(set(SERVICE_ROLES) - {role})):
        if other == role:
            continue
        with pytest.raises(errors.InsufficientPrivilege), database.connect(role) as conn:
            conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(other)))
    for table in ("ledger.entry", "gate.decision", "publication.alert", "facts.resident"):
        with pytest.raises(errors.InsufficientPrivilege), database.connect(role) as conn:
            conn.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(*table.split("."))))


def test_no_row_was_written_by_an_owner(database: Database) -> None:
    with database.admin() as conn:
        tables = [table for (table,) in conn.execute(TABLES).fetchall() if table not in WITHOUT_WRITER]
        written = {
            table: conn.execute(
                sql.SQL("SELECT DISTINCT written_by FROM {}").format(sql.Identifier(*table.replace('"', "").split(".")))
            ).fetchall()
            for table in tables
        }
    assert {table: by for table, by in written.items() if ("mimamori_owner",) in by} == {}
