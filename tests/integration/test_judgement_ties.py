"""A tie is settled by source_record_id among records that may meet in one; no other record's order is asked for."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.judgement import ties
from services.platform.database import Database

FIRST = datetime(2026, 4, 1, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
IDS = {1: "b", 2: "a", 3: "c", 4: "d", 5: "f", 6: "e", 7: "g", 8: "h"}  # record_key → source_record_id


def test_only_records_that_may_meet_are_ordered(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.connect("intake") as conn:
        for feed in ("resident", "tax_class", "life_answer"):
            conn.cursor().executemany(
                "INSERT INTO identity.record (feed, record_key, source_record_id) VALUES (%s, %s, %s)",
                [(feed, *record) for record in IDS.items()],
            )
    residents = pl.DataFrame(
        {
            "record_key": [1, 2, 3, 4, 5],
            "person": [10, 10, 10, 11, 12],  # 10: two known at one moment, and so also the third
            "known_at": [FIRST, FIRST, LATER, FIRST, FIRST],
        }
    )
    taxed = pl.DataFrame(
        {
            "record_key": [5, 6, 7, 8],
            "person": [None, None, 10, 10],
            "setai": [20, 20, 20, 21],  # the household's own rows meet, its members' do not meet them
            "known_at": [FIRST, FIRST, FIRST, LATER],
        }
    )
    answered = pl.DataFrame(
        {
            "record_key": [1, 2, 3],
            "person": [10, 10, 10],
            "survey_id": ["S", "S", "S"],
            "fy": [2026, 2026, 2025],
            "known_at": [FIRST, LATER, FIRST],  # of one survey, whenever they were known
        }
    )
    ordered = {
        0: [[2, 1, 3, 4, 6], [6, 5, 7, 8], [2, 1, 3]],  # by the whole feed's order
        100: [[2, 1, 3, 0, 0], [2, 1, 0, 0], [2, 1, 0]],  # by the records alone
    }
    for few, wanted in ordered.items():
        monkeypatch.setattr(ties, "FEW", few)
        with database.connect("analyst") as conn:
            found = [
                ties.with_ties(conn, feed, rows)["tie"].to_list()
                for feed, rows in (("resident", residents), ("tax_class", taxed), ("life_answer", answered))
            ]
        assert found == wanted
