"""While the log contradicts itself the gate permits nothing, says why, and logs each refusal; a checkpoint opens it again."""

import pytest

from schemas.errors import RefusedError
from services.approvals.demo import set_up_demo
from services.gate import Request, act
from services.ledger.checkpoint import publish
from services.ledger.errors import AlteredError, KeyLostError, LogError, RolledBackError
from services.ledger.fsck import check_log
from services.platform.database import Database
from tests.logbook import as_superuser

COLLECT = Request(act="collect", items=("resident.birth",), classes=("children_0_18",))


def _collect(database: Database) -> None:
    with act(database, role="intake", request=COLLECT) as permit:
        permit.record()


def _shut(database: Database, error: type[LogError]) -> None:
    """What is found shuts the gate, also for whoever tries again."""
    with pytest.raises(error):
        publish(database, whole=True)
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            _collect(database)
        assert [code for code, _ in refused.value.conditions] == ["LOG_HALTED"]
        with pytest.raises(error):
            publish(database)
    with database.connect("auditor") as conn:
        assert "LOG_HALTED" in {fault.kind for fault in check_log(conn).faults}
        last = conn.execute("SELECT outcome, failed FROM gate.decision ORDER BY entry DESC LIMIT 1").fetchone()
    assert last == ("refuse", ["LOG_HALTED"])


def test_what_shuts_the_log_shuts_the_gate_until_it_is_mended(database: Database) -> None:
    set_up_demo(database)
    _collect(database)
    size = publish(database).size
    key = database.settings.home / "keys" / "log-1.pem"

    aside = key.rename(key.with_suffix(".aside"))
    _shut(database, KeyLostError)
    aside.rename(key)
    publish(database)
    _collect(database)

    as_superuser(database, b"UPDATE ledger.entry SET leaf = leaf || ' ' WHERE index = 0")
    _shut(database, AlteredError)
    as_superuser(database, b"UPDATE ledger.entry SET leaf = substr(leaf, 1, length(leaf) - 1) WHERE index = 0")
    publish(database)
    _collect(database)

    publish(database)
    as_superuser(database, b"DELETE FROM ledger.checkpoint WHERE size > %d" % size)
    _shut(database, RolledBackError)
    with database.connect("auditor") as conn:
        found = [why for (why,) in conn.execute("SELECT why FROM ledger.halt ORDER BY n")]
    assert found == ["KeyLostError", None, "AlteredError", None, "RolledBackError"]
