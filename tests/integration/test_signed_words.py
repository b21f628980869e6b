"""A word that somebody wrote into the database without the person's key counts for nothing, and is named."""

from datetime import date

import pytest

from schemas.errors import HeldError
from schemas.records.erasure import Reason
from services.judgement.chain import official_runs
from services.judgement.look import release_run
from services.platform.database import Database
from services.publication.main import publish_run
from services.rights.erase import erase
from tests.factories_casework import Child, Judged, judge, person, settle
from tests.stored import log_faults

FORGED = """
INSERT INTO rights.request (subject, reason, person, statement, signature, entry)
SELECT subject, reason, 'hearer', statement, signature,
       ledger.append('erase.request', '{}', jsonb_build_object(
           'subject', encode(subject, 'hex'), 'reason', reason, 'person', 'hearer', 'statement', encode(sha256(statement), 'hex')))
FROM rights.request RETURNING entry
"""

RELEASE = """
INSERT INTO judgement.release (run, person, seal, statement, signature, entry)
SELECT run, 'admin', platform.give_seal('release'), statement, signature, ledger.append(
           'run.release', '{}', jsonb_build_object('run', run, 'person', 'admin', 'statement', encode(sha256(statement), 'hex')))
FROM judgement.release LIMIT 1 RETURNING entry
"""


def test_a_forged_release_publishes_nothing_and_is_named(database: Database) -> None:
    child = Child()
    settle(database, [child])
    run = judge(database, [Judged(child)], status="held")
    with pytest.raises(HeldError):
        release_run(database, run, person(database))
    with database.connect("analyst") as conn:  # by hand, with the password of the role that records releases
        forged = conn.execute(RELEASE).fetchone()
    assert forged is not None
    with pytest.raises(HeldError):
        publish_run(database, run=run)
    assert _chain(database) == []  # nor does a later run look at it
    with database.connect("analyst") as conn:
        before = conn.execute("SELECT max(seal) FROM judgement.release").fetchall()[0][0]
    release_run(database, run, person(database, "hearer"))
    assert (_chain(database), _chain(database, seal=before)) == ([run], [])
    faults = [fault for fault in log_faults(database) if not fault.startswith("RUN_ALTERED")]  # a run written by hand
    assert faults == [f"RELEASE_NOT_SIGNED {forged[0]} None"]


def _chain(database: Database, *, seal: int = 2**62) -> list[str]:
    """Official runs of all days, as a run of this seal would look at them."""
    with database.connect("analyst") as conn:
        return [each.run for each in official_runs(conn, as_of=date.max, seal=seal, released_by=None)]


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
