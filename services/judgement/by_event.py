"""速報 under their permit: the households that some events touch, judged and kept in the caller's transaction."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from models.judgement.line import run_root
from schemas.errors import MimamoriError, RefusedError
from schemas.rules import RuleSet
from services.gate import Request, decide
from services.judgement.ground import Ground
from services.judgement.main import CLASSES, ITEMS
from services.judgement.provisional import judge_reach, store_provisional
from services.judgement.reach import Reach, hold
from services.judgement.store import Said
from services.judgement.touched import Touched
from services.platform.queries import queries
from services.platform.seal import give_seal


class OvertakenError(MimamoriError):
    """利用停止が記録されたため、この判定をやり直します。"""


@dataclass(frozen=True)
class ByEvent:
    """What became of whom some events touch.

    children: how many were judged
    seal:     of the 速報; None where no child was judged, and so nothing is decided or kept
    """

    reach: Reach
    children: int = 0
    seal: int | None = None


def permit_for(rules: RuleSet) -> Request:
    """The permit that judging by events needs."""
    return Request(act="judge_event", role="analyst", items=ITEMS, classes=CLASSES, rules=rules.version)


def judge_events(conn: Connection[Any], ground: Ground, touched: Touched, *, today: date) -> ByEvent:
    """Judge the children whom events touch, on all that is committed, and keep it.

    Their households are locked, and from the seal on others that seal and log wait: commit soon.
    Raises RefusedError where the gate refuses, and OvertakenError where a 利用停止 was recorded meanwhile; the caller rolls back.
    """
    reach = hold(conn, touched)
    said = judge_reach(conn, ground, reach) if reach.households else None
    if said is None or said.lines.is_empty():
        return ByEvent(reach)
    return ByEvent(reach, said.lines.height, _keep(conn, ground, said, read=reach.seal, today=today))


def _keep(conn: Connection[Any], ground: Ground, said: Said, *, read: int, today: date) -> int:
    """Seal, decide and keep, in the order of everybody who does; the seal."""
    seal = give_seal(conn, "event")
    if conn.execute(queries("services.judgement")["suspended_since"], {"seal": read}).fetchone():
        raise OvertakenError  # from the seal on no other can be recorded before this is committed
    depends = {"as_of": ground.as_of.isoformat(), "run": ground.run, "read_seal": read, "count": said.lines.height}
    root = run_root(said.lines["line"]).hex()
    decision = decide(conn, [permit_for(ground.rules)], today=today, root=root, detail=depends)[0]
    if decision.failed:
        raise RefusedError(list(decision.failed))
    store_provisional(conn, ground, said, read=read, seal=seal, decision=decision)
    return seal
