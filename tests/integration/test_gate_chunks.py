"""A chunk is decided as its requests would be one by one: each its own codes, in order, each entry with a salt of its own."""

from uuid import UUID

from schemas.rules import load_default
from services.approvals.demo import set_up_demo
from services.gate import Request, decide
from services.gate.people import authenticate
from services.gate.suspended import Suspension
from services.gate.suspension import suspend
from services.platform.database import Database
from services.publication.main import CLASSES, ITEMS

OFFICE = "子ども成長見守り室"
CHUNK = 40


def request(child: int, *, office: str = OFFICE, judgement: int | None = None) -> Request:
    return Request(
        act="publish", items=ITEMS, classes=CLASSES, recipient=office, role="publisher", rules=load_default().version,
        child=UUID(int=child), judgement=judgement,
    )  # fmt: skip


def test_each_request_of_a_chunk_gets_its_own_answer(database: Database) -> None:
    set_up_demo(database)
    drafter = authenticate(database, database.settings.home / "people" / "drafter.pem")
    suspend(database, UUID(int=3), Suspension.DECIDED, drafter, reason="試験")
    suspend(database, UUID(int=4), Suspension.REQUESTED, drafter, reason="試験")
    asked = [request(child) for child in range(CHUNK)]
    asked[7] = request(7, office="別の課")
    asked[8] = request(8, judgement=10_000)
    asked[9] = request(3, office="別の課")
    wrong = {
        3: ["PERSON_SUSPENDED"], 4: ["PERSON_HELD"], 7: ["RECIPIENT_NOT_COVERED"], 8: ["RUN_NOT_OFFICIAL"],
        9: ["PERSON_SUSPENDED", "RECIPIENT_NOT_COVERED"],
    }  # fmt: skip
    with database.connect("publisher") as conn:
        decided = decide(conn, asked, today=database.clock.today())
    assert {n: [code for code, _ in each.failed] for n, each in enumerate(decided) if each.failed} == wrong
    assert [each.outcome for each in decided] == ["refuse" if n in wrong else "permit" for n in range(CHUNK)]
    assert [each.entry for each in decided] == list(range(decided[0].entry, decided[0].entry + CHUNK))
    with database.connect("auditor") as conn:
        rows = conn.execute(
            "SELECT d.child_id, e.leaf, t.salt, convert_from(t.detail, 'UTF8')::jsonb FROM gate.decision d"
            " JOIN ledger.entry e ON e.index = d.entry JOIN ledger.detail t ON t.index = d.entry"
            " WHERE d.entry >= %s ORDER BY d.entry",
            (decided[0].entry,),
        ).fetchall()
    assert [row[0] for row in rows] == [each.child for each in asked]
    assert [(row[3]["decision"], row[3]["child"]) for row in rows] == [
        (str(made.id), str(each.child)) for made, each in zip(decided, asked, strict=True)
    ]
    assert len({bytes(row[2]) for row in rows}) == len({bytes(row[1]) for row in rows}) == CHUNK
