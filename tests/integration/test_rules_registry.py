"""The register of rule sets: what a run judged by is found again by its digest, and nothing else is taken for adopted."""

import json
from datetime import date

import rfc8785

from schemas.rules import default_text, load_default
from services.approvals.demo import set_up_demo
from services.platform.database import Database
from services.rulesets import adopted, find_rules, keep
from services.rulesets.fsck import check_rules
from tests.operating import Operator
from tests.rule_text import rules_with

CHANGED = rules_with(("percent = 4  #", "percent = 5  #"))


def test_a_new_home_has_adopted_the_default(database: Database, operator: Operator) -> None:
    with database.connect("analyst") as conn:
        assert adopted(conn, date(2026, 9, 1)) == load_default()
    listed = operator.json("rules", "list")["rules"]
    assert [(each["version"], each["state"], each["adopted"]) for each in listed] == [
        (load_default().version, "adopted", True)
    ]


def test_a_rule_set_is_found_by_its_digest_alone(database: Database) -> None:
    with database.connect("analyst") as conn:
        assert find_rules(conn, CHANGED.digest()) is None
        assert find_rules(conn, load_default().digest()) == load_default()
        keep(conn, CHANGED, text=default_text())
        keep(conn, CHANGED)
        found = find_rules(conn, CHANGED.digest())
    assert found == CHANGED and found is not None and found.digest() == CHANGED.digest()
    assert json.loads(json.dumps(CHANGED.model_dump(mode="json"))) == found.model_dump(mode="json")


def test_a_rule_set_is_handed_out_as_the_file_it_came_as(database: Database, operator: Operator) -> None:
    fresh = operator.json("rules", "show", load_default().version)
    assert (fresh["text"], fresh["digest"]) == (default_text(), load_default().digest())
    with database.connect("analyst") as conn:
        keep(conn, CHANGED, text="# ours\n")
        keep(conn, rules_with(("percent = 4  #", "percent = 7  #")))
    kept = [each["digest"] for each in operator.json("rules", "list")["rules"]]
    assert {operator.json("rules", "show", digest)["text"] for digest in kept} == {default_text(), "# ours\n", None}


def test_who_holds_the_tables_cannot_adopt_and_fsck_names_what_was_tried(database: Database) -> None:
    """Rows alone adopt nothing: two persons' signatures do. Made, checked and taken back by the tables' owner."""
    set_up_demo(database)
    with database.connect("analyst") as conn:
        digest = keep(conn, CHANGED)
    day = date(2026, 9, 1)
    said = {"what": "rules.adopt", "rules": CHANGED.version, "digest": digest.hex(), "effective_from": str(day)}
    with database.admin() as conn:
        conn.execute("ALTER TABLE rules.adoption DROP CONSTRAINT adoption_simulation_fkey")
        for person in ("drafter", "hearer"):
            row = {
                "digest": digest, "day": day, "person": person, "statement": rfc8785.dumps(said | {"person": person}),
                "signature": bytes(64),
            }  # fmt: skip
            conn.execute(
                "INSERT INTO rules.adoption (digest, effective_from, person, simulation, statement, signature, entry)"
                " SELECT %(digest)s, %(day)s, %(person)s, 1, %(statement)s, %(signature)s, max(index) - count(*) FILTER"
                " (WHERE index IN (SELECT entry FROM rules.adoption)) FROM ledger.entry", row,
            )  # fmt: skip
        assert adopted(conn, day) == load_default()
        faults = list(check_rules(conn))
        assert [fault.kind for fault in faults] == ["ADOPTION_NOT_SIGNED"] * 2 + ["ADOPTION_NOT_LOGGED"] * 2
        conn.rollback()
        assert list(check_rules(conn)) == []
