"""The relay: hands the outbox on to the queue's inbox, in order, once."""

from psycopg.types.json import Jsonb

from services.gate.suspended import barred
from services.platform.database import Database
from services.platform.queries import queries


def relay(database: Database) -> int:
    """Hand on every waiting event but those about children suspended since; returns how many.

    Two relays share the work; one killed leaves its chunk waiting.
    """
    handed_on = 0
    while True:
        with database.connect("publisher") as conn:
            rows = conn.execute(queries("services.publication")["waiting"], {"barred": list(barred(conn))}).fetchall()
            if not rows:
                return handed_on
            with conn.cursor() as cursor:
                cursor.executemany(
                    queries("services.publication")["hand_on"],
                    [{"event_id": event["id"], "event": Jsonb(event)} for _, event in rows],
                )
            conn.execute(queries("services.publication")["mark"], {"ids": [row[0] for row in rows]})
            handed_on += len(rows)
