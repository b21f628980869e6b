"""The register of rule sets: what a run judged by is found again by its digest, and nothing else is taken for adopted."""

import json
from datetime import date

from schemas.rules import load_default
from services.platform.database import Database
from services.rulesets import adopted, find_rules, keep
from tests.operating import Operator
from tests.rule_text import default_text, rules_with

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
