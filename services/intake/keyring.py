"""Random keys for numbers: every (system, number) of a person, every household and case gets one, once (promise 5)."""

import secrets
from typing import Any

import numpy as np
import polars as pl
from psycopg import Connection, sql

from schemas.feeds.column import System
from services.intake.check_digits import atena_holds
from services.platform.bulk import copy_in, query_frame

NUMBER, KEY, RIGHT = "number", "_key", "_right"
_TABLES = {System.SETAI: ("household", "setai_key"), System.CASE: ("case", "case_key")}
_SCHEMA: dict[str, pl.DataType] = {NUMBER: pl.String(), KEY: pl.Int64()}


class Keyring:
    """The keys of all numbers, read once a load. After a rolled back transaction it must `forget`."""

    def __init__(self) -> None:
        self._known: dict[System, pl.DataFrame] = {}

    def forget(self) -> None:
        """Read everything again when it is next asked for."""
        self._known.clear()

    def of(self, conn: Connection[Any], system: System, numbers: pl.Series) -> pl.DataFrame:
        """NUMBER, KEY and RIGHT (whether the check digit is right) of at least these numbers; new ones get keys."""
        known = self._known.get(system)
        if known is None:
            known = _rated(system, _read(conn, system))
        wanted = numbers.drop_nulls().unique().alias(NUMBER).to_frame()
        new = wanted.join(known, on=NUMBER, how="anti")
        if new.height:
            made = _rated(system, new.with_columns(random_keys(new.height).alias(KEY)))
            _write(conn, system, made)
            known = pl.concat([known, made])
        self._known[system] = known
        return known


def random_keys(count: int) -> pl.Series:
    """`count` random whole numbers of 63 bits."""
    drawn = np.frombuffer(secrets.token_bytes(8 * count), np.uint64) >> np.uint64(1)
    return pl.Series(drawn.astype(np.int64))


def _rated(system: System, numbers: pl.DataFrame) -> pl.DataFrame:
    right = atena_holds(pl.col(NUMBER)) if system is System.ATENA else pl.lit(True)
    return numbers.with_columns(right.alias(RIGHT))


def _read(conn: Connection[Any], system: System) -> pl.DataFrame:
    if system.of_person:
        query = sql.SQL("SELECT number, person_key AS _key FROM identity.person WHERE system = {}").format(
            sql.Literal(system.value)
        )
    else:
        table, key = _TABLES[system]
        query = sql.SQL("SELECT number, {} AS _key FROM {}").format(
            sql.Identifier(key), sql.Identifier("identity", table)
        )
    return query_frame(conn, query, None, _SCHEMA)


def _write(conn: Connection[Any], system: System, made: pl.DataFrame) -> None:
    if system.of_person:
        rows = made.select(pl.lit(system.value).alias("system"), NUMBER, person_key=KEY)
        copy_in(conn, rows, sql.Identifier("identity", "person"), rows.columns)
    else:
        table, key = _TABLES[system]
        rows = made.select(NUMBER, pl.col(KEY).alias(key))
        copy_in(conn, rows, sql.Identifier("identity", table), rows.columns)
