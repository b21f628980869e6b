"""Random keys for numbers: every (system, number) of a person, every household and case gets one, once (promise 5)."""

import secrets
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection, sql

from schemas.feeds.column import System
from services.intake.check_digits import atena_holds
from services.platform.bulk import copy_in, fetch_frame, query_frame
from services.platform.queries import queries

NUMBER, KEY, RIGHT = "number", "_key", "_right"
_TABLES = {System.SETAI: ("household", "setai_key"), System.CASE: ("case", "case_key")}
_SCHEMA: dict[str, pl.DataType] = {NUMBER: pl.String(), KEY: pl.Int64()}
_NONE = pl.DataFrame(schema={**_SCHEMA, RIGHT: pl.Boolean()})


class Keyring:
    """The keys of all numbers, read once a load, or of those alone that are asked for. After a rollback it must `forget`."""

    def __init__(self, *, narrow: bool = False) -> None:
        self._narrow = narrow
        self._known: dict[System, pl.DataFrame] = {}

    def forget(self) -> None:
        """Read everything again when it is next asked for."""
        self._known.clear()

    def of(self, conn: Connection[Any], system: System, numbers: pl.Series) -> pl.DataFrame:
        """NUMBER, KEY and RIGHT (whether the check digit is right) of at least these numbers; new ones get keys."""
        known = self._known.get(system)
        if known is None:
            known = _NONE if self._narrow else _rated(system, _read(conn, system))
        unknown = _lacking(numbers.drop_nulls().unique().alias(NUMBER).to_frame(), known)
        if unknown.height and self._narrow:
            known = pl.concat([known, _rated(system, _read_some(conn, system, unknown))])
            unknown = _lacking(unknown, known)
        if unknown.height:
            known = pl.concat([known, _rated(system, _give(conn, system, unknown))])
        self._known[system] = known
        return known


def random_keys(count: int) -> pl.Series:
    """`count` random whole numbers of 63 bits."""
    drawn = np.frombuffer(secrets.token_bytes(8 * count), np.uint64) >> np.uint64(1)
    return pl.Series(drawn.astype(np.int64))


def _lacking(numbers: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    return numbers.join(known, on=NUMBER, how="anti")


def _give(conn: Connection[Any], system: System, numbers: pl.DataFrame) -> pl.DataFrame:
    """Keys of numbers that had none. One transaction gives keys at a time: what another gave since is taken over."""
    conn.execute(queries("services.intake")["hold_keys"])
    given = _read_some(conn, system, numbers)
    new = _lacking(numbers, given)
    made = new.with_columns(random_keys(new.height).alias(KEY))
    _write(conn, system, made)
    return pl.concat([given, made])


def _rated(system: System, numbers: pl.DataFrame) -> pl.DataFrame:
    right = atena_holds(pl.col(NUMBER)) if system is System.ATENA else pl.lit(True)
    return numbers.with_columns(right.alias(RIGHT))


def _read(conn: Connection[Any], system: System) -> pl.DataFrame:
    return query_frame(conn, _query(system), None, _SCHEMA)


def _read_some(conn: Connection[Any], system: System, numbers: pl.DataFrame) -> pl.DataFrame:
    asked = {"numbers": numbers[NUMBER].to_list()}
    return fetch_frame(conn, _query(system) + sql.SQL(" AND number = ANY (%(numbers)s)"), asked, _SCHEMA)


def _query(system: System) -> sql.Composed:
    if system.of_person:
        query = sql.SQL("SELECT number, person_key AS _key FROM identity.person WHERE system = {}")
        return query.format(sql.Literal(system.value))
    table, key = _TABLES[system]
    query = sql.SQL("SELECT number, {} AS _key FROM {} WHERE true")
    return query.format(sql.Identifier(key), sql.Identifier("identity", table))


def _write(conn: Connection[Any], system: System, made: pl.DataFrame) -> None:
    if system.of_person:
        rows = made.select(pl.lit(system.value).alias("system"), NUMBER, person_key=KEY)
        copy_in(conn, rows, sql.Identifier("identity", "person"), rows.columns)
    else:
        table, key = _TABLES[system]
        rows = made.select(NUMBER, pl.col(KEY).alias(key))
        copy_in(conn, rows, sql.Identifier("identity", table), rows.columns)
