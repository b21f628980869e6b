"""After the storm: nothing lost, nothing doubled, everything as in a run without it, and the log bears out what left the service."""

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from infra.chaos import contents
from infra.chaos.scene import Scene
from infra.kafka.java import console_consumer
from schemas.events.topics import ALERTS, inbound_topics
from services.cli.fsck import check_all
from services.intake.events import Received, take_in
from services.ledger.checkpoint import publish
from services.ledger.export import export
from services.ledger.verify import verify
from services.platform.database import Database
from services.worker.main import work

PORTION = 500
MOST_MESSAGES = 2**31 - 1  # more than come: the consumer stops where nothing comes any more
QUIET_SECONDS = 10.0  # after which it has read all there is
EVENTS = "SELECT event_id, done_at IS NOT NULL, failed IS NOT NULL FROM bus.inbox"
LETTERS = "SELECT reason FROM bus.dead_letter"
OUTBOX = """
SELECT coalesce(o.alert, o.report), coalesce(a.entry, r.entry), o.sent_at IS NOT NULL
FROM publication.outbox o LEFT JOIN publication.alert a USING (alert) LEFT JOIN publication.unlinked_report r USING (report)
"""
PERMITS = "SELECT entry FROM gate.decision WHERE outcome = 'permit' AND act = 'publish_event'"


def faults(scene: Scene) -> list[str]:
    """What is not as it has to be, one line each; empty = nothing was lost or doubled."""
    events = scene.folder / "events.jsonl"
    _run_undisturbed(scene.plain, events)
    return [
        *_inbox(scene.database, events),
        *_facts(scene.database, scene.plain),
        *_judgements(scene.database, scene.plain),
        *_log(scene.database),
        *_told_outside(scene),
        *(fault for name, program in scene.programs.items() if scene.kinds[name] for fault in program.faults()),
    ]


def _run_undisturbed(plain: Database, events: Path) -> None:
    """The same events without brokers, kills and cuts."""
    with events.open(encoding="utf-8") as file, plain.connect("intake") as conn:
        conn.commit()
        lines = enumerate(map(json.loads, file))
        messages = (Received(topic, 0, at, value.encode(), key.encode()) for at, (_, topic, key, value) in lines)
        while portion := list(islice(messages, PORTION)):
            take_in(plain, portion, topics=inbound_topics(), conn=conn)
    work(plain, Event(), once=True)


def _inbox(database: Database, events: Path) -> list[str]:
    with events.open(encoding="utf-8") as file:
        sent = [json.loads(line)[0] for line in file]
    rows = _rows(database, EVENTS)
    waiting, failed = [row for row in rows if not row[1]], [row for row in rows if row[2]]
    return [
        *_unlike("events sent", sent, "in the inbox", [row[0] for row in rows]),
        *([f"{len(waiting)} events are not judged"] if waiting else []),
        *([f"{len(failed)} events could not be judged"] if failed else []),
        *[f"a dead letter: {reason}" for (reason,) in _rows(database, LETTERS)],
    ]


def _facts(database: Database, plain: Database) -> list[str]:
    found, expected = contents.facts(database), contents.facts(plain)
    lost = {feed: (expected[feed] - found[feed]).total() for feed in expected}
    more = {feed: (found[feed] - expected[feed]).total() for feed in expected}
    return [
        f"facts of {feed}: {lost[feed]} lost or other, {more[feed]} doubled or other"
        for feed in expected
        if lost[feed] or more[feed]
    ]


def _judgements(database: Database, plain: Database) -> list[str]:
    """The last 速報 of each child is what one run says of it now, and that is what it says without the storm."""
    now, undisturbed, said = contents.final(database), contents.final(plain), contents.said(database)
    stale = [child for child, leaf in said.items() if child in now and now[child][0] != leaf]
    missed = contents.said(plain).keys() - said.keys()
    other = [child for child in undisturbed.keys() | now.keys() if _line(undisturbed, child) != _line(now, child)]
    found = {"whose last 速報 is not what is known": stale, "who were not judged": missed, "judged otherwise": other}
    return [f"{len(children)} children {what}" for what, children in found.items() if children]


def _line(judged: dict[str, tuple[bytes, str]], child: str) -> str | None:
    return judged[child][1] if child in judged else None


def _log(database: Database) -> list[str]:
    """The log within, and as it verifies outside."""
    found = [f"log fsck: {fault.kind} {fault.id}" for fault in check_all(database)[1]]
    publish(database)
    out = database.settings.home.parent / "export"
    export(database, out)
    return found if verify(out).ok else [*found, "the exported log does not verify"]


def _told_outside(scene: Scene) -> list[str]:
    """What Apache's own consumer reads of the topic of alerts, the outbox, and the permits in the log are the same."""
    outbox = _rows(scene.database, OUTBOX)
    lines = console_consumer(scene.cluster.plain, ALERTS, messages=MOST_MESSAGES, patience=QUIET_SECONDS)
    events = [json.loads(line) for line in lines if line.startswith("{")]  # it also says that nothing came any more
    read = {event["id"]: event["data"] for event in events}
    permits = [entry for (entry,) in _rows(scene.database, PERMITS)]
    return [
        *_unlike("ids read from the brokers", list(read), "in the outbox", [row[0] for row in outbox]),
        *_unlike("entries read from the brokers", [data["entry"] for data in read.values()], "permits", permits),
        *_unlike("entries in the outbox", [row[1] for row in outbox], "permits", permits),
    ]


def _unlike(what: str, these: Sequence[Any], where: str, those: Sequence[Any]) -> list[str]:
    """One line where two lists are not of the same things, or the second has one of them twice."""
    first, second, twice = set(these) - set(those), set(those) - set(these), len(those) - len(set(those))
    if not first and not second and not twice:
        return []
    return [f"{what} / {where}: {len(first)} only the former, {len(second)} only the latter, {twice} twice"]


def _rows(database: Database, query: str) -> list[Any]:
    with database.admin() as conn:
        return conn.execute(query.encode()).fetchall()
