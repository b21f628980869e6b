"""Every contract has a table that holds exactly what the contract says, a schema, an office and words for people."""

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest

from schemas.feeds import FEEDS
from schemas.feeds.column import Sensitivity
from schemas.feeds.contract import Contract
from schemas.feeds.describe import feed_list, json_schema
from schemas.feeds.profile import packaged_profile
from services.platform.database import Database

OF_ALL = {"batch", "line", "content_hash", "written_by"}
OF_FEEDS = {"record_key", "revises"}
TYPES = {"ARRAY": "[]", "timestamp with time zone": "timestamptz"}

every_feed = pytest.mark.parametrize("contract", FEEDS.values(), ids=list(FEEDS))


def facts_of(contract: Contract) -> dict[str, str]:
    """Columns that the facts' table must have besides those of every feed, with their types."""
    found = {}
    for column in contract.columns:
        if column.about.name or column.name == "source_record_id":
            continue
        kind = column.kind.sql if not column.about.system else "[]" if column.kind.sql == "text[]" else "bigint"
        found[column.fact] = "[]" if kind.endswith("[]") else '"char"' if column.name == "op" else kind
    if contract.feed == "life_answer":
        del found["item_code"], found["answer"]
        found |= {"item_codes": "[]", "answers": "[]"}
    return found


def test_every_contract_has_its_table_and_no_column_more(database: Database) -> None:
    query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'facts'"
    tables: dict[str, dict[str, str]] = {}
    with database.connect("intake") as conn:
        for table, column, kind in conn.execute(query).fetchall():
            tables.setdefault(table, {})[column] = TYPES.get(kind, kind)
    for contract in FEEDS.values():
        own = OF_ALL | (set() if contract.reference else OF_FEEDS)
        assert {name: kind for name, kind in tables[contract.feed].items() if name not in own} == facts_of(contract)


@every_feed
def test_nothing_that_names_or_numbers_a_person_is_a_fact(contract: Contract) -> None:
    facts = facts_of(contract)
    for column in contract.columns:
        if column.about.sensitivity is Sensitivity.IDENTIFYING:
            assert column.about.system or column.about.name
        if column.about.system:
            assert column.name not in facts
            assert facts[column.fact] in ("bigint", "[]")


@every_feed
def test_every_column_says_what_it_is_and_what_absence_means(contract: Contract) -> None:
    assert contract.row.__doc__
    assert contract.row.FEED.office
    for column in contract.columns:
        assert column.about.text
        assert not column.nullable or column.about.absent


@every_feed
def test_the_published_schema_is_a_json_schema_of_every_column(contract: Contract) -> None:
    schema = json_schema(contract)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]) == list(contract.by_name)


def test_the_list_and_the_canonical_profile_name_every_feed() -> None:
    canonical = packaged_profile("canonical")
    assert canonical is not None
    assert set(canonical.feeds) == set(FEEDS)
    assert [each["feed"] for each in feed_list(FEEDS)] == list(FEEDS)
