"""A file that was loaded and sealed gets no further row, and loses none, without fsck naming it."""

from services.platform.database import Database
from tests.factories_casework import Child, settle
from tests.stored import log_faults


def test_rows_added_to_a_sealed_file_or_taken_out_are_named(database: Database) -> None:
    batch = settle(database, [Child()])
    assert log_faults(database) == []
    with database.connect("intake") as conn:  # by hand, with the password of the role that loads
        conn.execute(
            "INSERT INTO facts.survey_max (batch, line, content_hash) VALUES (%s, 99, gen_random_uuid())", (batch,)
        )
    assert log_faults(database) == [f"FACTS_DIFFER None batch {batch}"]
    with database.admin() as conn:
        conn.execute("DELETE FROM facts.survey_max")
        conn.execute("DELETE FROM facts.gakureibo")
    assert log_faults(database) == [f"FACTS_DIFFER None batch {batch}"]
