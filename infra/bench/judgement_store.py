"""The bench's facts in PostgreSQL, one table a feed with the kernel's columns, read back by the service's own COPY."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from infra.bench.judgement_city import Frames
from models.judgement.facts import SCHEMAS
from services.platform import postgres
from services.platform.bulk import copy_in, query_frame
from services.platform.endpoint import Endpoint
from services.platform.settings import Settings

FEEDS = ("resident", "academic", "tax_class", "seikatsu_hogo", "jido_fuyo_teate", "soudan")
TYPES = {
    pl.Int64(): "bigint", pl.Int32(): "integer", pl.Int16(): "smallint", pl.String(): "text", pl.Boolean(): "boolean",
    pl.Date(): "date", pl.Datetime("us", "UTC"): "timestamptz",
}  # fmt: skip


@contextmanager
def running_server(home: Path) -> Iterator[str]:
    """An embedded server of its own; the address of its administrative database."""
    postgres.ensure_running(home)
    try:
        yield f"postgresql://postgres@/postgres?host={Endpoint.of(Settings(home=home, env='test')).server['host']}"
    finally:
        postgres.stop(home)


def write_facts(database: str, frames: Frames) -> None:
    """One table a feed."""
    with psycopg.connect(database) as conn:
        for feed, frame in frames.items():
            columns = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(TYPES[kind]))
                for name, kind in SCHEMAS[feed].items()
            )
            conn.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(feed), columns))
            copy_in(conn, frame, sql.Identifier(feed), frame.columns)


def read_facts(database: str) -> Frames:
    """The frames by feed."""
    with psycopg.connect(database) as conn:
        return {
            feed: query_frame(conn, sql.SQL("SELECT * FROM {}").format(sql.Identifier(feed)), None, SCHEMAS[feed])
            for feed in FEEDS
        }
