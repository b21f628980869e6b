"""Rows that name a child older than 18: a warning, for such rows are often of another person (reading 6)."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from psycopg import Connection, sql

from schemas.feeds.contract import Contract
from services.platform.bulk import fetch_frame, query_frame
from services.platform.queries import queries

LAST_YEAR = "_last_year"  # fiscal year whose 31 March is the last day in scope


def _year_of(day: str) -> pl.Expr:
    """The fiscal year of a day."""
    return pl.col(day).dt.year() - (pl.col(day).dt.month() < 4)


_YEAR_OF_MONTH = pl.col("ym") // 100 - (pl.col("ym") % 100 < 4)
# Feed → (columns of the child's key, the row's fiscal year).
NAMES_CHILD: Mapping[str, tuple[tuple[str, ...], pl.Expr]] = {
    **dict.fromkeys(("life_answer", "life_scale", "physical"), (("pupil_key",), pl.col("fy"))),
    "academic": (("pupil_key", "person_key"), pl.col("fy")),
    "attendance": (("pupil_key",), _YEAR_OF_MONTH),
    "shugaku_enjo": (("person_key",), pl.col("fy")),
    "boshi_hoken": (("child_key",), _year_of("due_from")),
    "hoiku": (("child_key",), _year_of("from")),
}

_READ: Mapping[str, Mapping[str, pl.DataType]] = {
    "births": {"person_key": pl.Int64(), "birth": pl.Date()},
    "pupils": {"pupil_key": pl.Int64(), "person_key": pl.Int64()},
}


class Ages:
    """The last fiscal year in scope by key of person, of 宛名番号 and of pupils' numbers alike.

    narrow: those alone are read that are asked for, each time
    """

    def __init__(self, *, narrow: bool = False) -> None:
        self._narrow = narrow
        self._last: pl.DataFrame | None = None

    def forget(self) -> None:
        """Read the register again: it has changed."""
        self._last = None

    def too_old(self, conn: Connection[Any], rows: pl.DataFrame, contract: Contract) -> int:
        """How many rows (numbers already replaced by keys) name a child in a year past that day."""
        asked = NAMES_CHILD.get(contract.feed)
        if asked is None:
            return 0
        columns, year = asked
        named = rows.select(pl.coalesce(columns).alias("person_key"), year.alias("_year"))
        past = named.join(self._read(conn, named["person_key"]), on="person_key")
        return past.filter(pl.col("_year") > pl.col(LAST_YEAR)).height

    def _read(self, conn: Connection[Any], keys: pl.Series) -> pl.DataFrame:
        if self._narrow:
            return _some(conn, keys.drop_nulls().unique().to_list())
        if self._last is None:
            found = queries("services.intake")
            born, pupils = (query_frame(conn, found[name], None, kinds) for name, kinds in _READ.items())
            self._last = _last_years(born, pupils)
        return self._last


def _some(conn: Connection[Any], keys: list[int]) -> pl.DataFrame:
    """Of these keys alone, be they of persons or of pupils' numbers."""
    pupils = _asked(conn, "pupils", "pupil_key", keys)
    return _last_years(_asked(conn, "births", "person_key", [*keys, *pupils["person_key"].drop_nulls()]), pupils)


def _asked(conn: Connection[Any], name: str, column: str, keys: list[int]) -> pl.DataFrame:
    some = sql.SQL("SELECT * FROM ({}) AS every WHERE {} = ANY (%(keys)s)")
    query = some.format(queries("services.intake")[name], sql.Identifier(column))
    return fetch_frame(conn, query, {"keys": keys}, _READ[name])


def _last_years(born: pl.DataFrame, pupils: pl.DataFrame) -> pl.DataFrame:
    last = born.select("person_key", last_year_in_scope(pl.col("birth")).alias(LAST_YEAR))
    mapped = pupils.join(last, on="person_key").select(pl.col("pupil_key").alias("person_key"), LAST_YEAR)
    return pl.concat([last, mapped])


def last_year_in_scope(birth: pl.Expr) -> pl.Expr:
    """The fiscal year in which a person attains 18, the day before the birthday: born 2 April … 1 April share one."""
    early = (birth.dt.month() < 4) | ((birth.dt.month() == 4) & (birth.dt.day() == 1))
    return birth.dt.year() - early + 18
