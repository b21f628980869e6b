"""A word that somebody wrote into the database without the person's key counts for nothing, and is named."""

import pytest

from schemas.errors import HeldError
from schemas.records.erasure import Reason
from services.platform.database import Database
from services.rights.erase import erase
from tests.factories_casework import Child, person, settle
from tests.stored import log_faults

FORGED = """
INSERT INTO rights.request (subject, reason, person, statement, signature, entry)
SELECT subject, reason, 'hearer', statement, signature,
       ledger.append('erase.request', '{}', jsonb_build_object(
           'subject', encode(subject, 'hex'), 'reason', reason, 'person', 'hearer', 'statement', encode(sha256(statement), 'hex')))
FROM rights.request RETURNING entry
"""


def test_a_forged_request_erases_nobody_and_stands_in_nobodys_way(database: Database) -> None:
    child = Child()
    settle(database, [child])
    caseworker = person(database)
    with pytest.raises(HeldError):
        erase(database, child.child_id, reason=Reason.REQUEST, people=[caseworker])
    with database.connect("rights") as conn:  # by hand, with the password of the role that records requests
        forged = conn.execute(FORGED).fetchone()
    assert forged is not None
    with pytest.raises(HeldError):
        erase(database, child.child_id, reason=Reason.REQUEST, people=[caseworker])
    assert log_faults(database) == [f"REQUEST_NOT_SIGNED {forged[0]} None"]
    done = erase(database, child.child_id, reason=Reason.REQUEST, people=[person(database, "hearer")])
    assert done.facts and not done.already
