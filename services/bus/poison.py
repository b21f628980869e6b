"""A message on which taking in fails: it is found by halving and put aside, so that it holds up no other."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import psycopg
import structlog
from psycopg import Connection

from schemas.errors import MimamoriError
from schemas.events.topics import inbound_topics
from services.bus.pumping import GONE
from services.intake.events import Dead, Received, take_in
from services.intake.events_dead import put_aside
from services.platform.database import Database

# No message brings these about: they are the gate's, the home's, the connection's, or of a database that is not ours.
_NOT_OF_A_MESSAGE = (MimamoriError, *GONE, psycopg.ProgrammingError)
log = structlog.get_logger("mimamori.bus")


def take_in_or_put_aside(database: Database, conn: Connection[Any], messages: Sequence[Received]) -> list[Dead]:
    """Take in what a broker brought; its dead letters, among them each message that fails alone.

    conn: of the role intake, without an open transaction
    Raises what no message brings about; then of `messages` some may be taken in already, which does no harm.
    """
    try:
        taken = take_in(database, messages, topics=inbound_topics(), conn=conn)
    except _NOT_OF_A_MESSAGE:
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  # whatever a department's row can bring about
        why = type(error).__name__
    else:
        if taken.quarantined:
            log.warning("quarantined", topic=messages[0].topic, rows=taken.quarantined)
        return taken.dead
    if len(messages) > 1:
        middle = len(messages) // 2
        halves = messages[:middle], messages[middle:]
        return [letter for half in halves for letter in take_in_or_put_aside(database, conn, half)]
    log.error("message put aside", topic=messages[0].topic, partition=messages[0].partition, kind=why)
    with conn.transaction():
        return [put_aside(conn, messages[0], why)]
