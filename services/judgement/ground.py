"""What 速報 stand on between two official runs: norms, chain, rules and reference files, read once and used for every event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl
from psycopg import Connection

from models.judgement import norms as norm_sets
from schemas.rules import RuleSet
from services.judgement.chain import Official, official_runs
from services.judgement.snapshot import REFERENCES, references
from services.platform.queries import queries
from services.rulesets import adopted, require_current


@dataclass(frozen=True)
class Ground:
    """What 速報 of one day stand on.

    run:        the last official run, whose norm set it is
    chain:      official runs of earlier days, in order
    references: the reference files
    """

    as_of: date
    run: str
    rules: RuleSet
    norms: pl.DataFrame
    chain: Sequence[Official]
    references: Mapping[str, pl.DataFrame]


def ground_of(conn: Connection[Any], *, as_of: date, seal: int, rules: RuleSet) -> Ground | None:
    """The ground of `as_of` at a seal; None before any official run."""
    known = official_runs(conn, as_of=as_of + timedelta(days=1), seal=seal, released_by=None)
    if not known:
        return None
    last = known[-1].run
    row = conn.execute(queries("services.judgement")["norms_of"], {"run": last}).fetchone()
    assert row is not None
    chain = [each for each in known if each.as_of < as_of]
    return Ground(as_of, last, rules, norm_sets.read(row[0]), chain, references(conn, seal))


@dataclass
class Footing:
    """The ground as it is now, read again only when the day or something it stands on is another."""

    _of: tuple[Any, ...] | None = field(default=None, init=False)
    _ground: Ground | None = field(default=None, init=False)

    def now(self, conn: Connection[Any], *, today: date) -> Ground | None:
        """The ground of today, by the rule set in force today; None before any official run.

        Raises RefusedError where the rule set's own period is over.
        """
        rules = adopted(conn, today)
        require_current(rules, today)
        asked = {"references": sorted(REFERENCES)}
        row = conn.execute(queries("services.judgement")["footing"], asked).fetchone()
        assert row is not None
        stands_on = (today, rules.version, row[0])
        if self._of != stands_on:
            self._ground = ground_of(conn, as_of=today, seal=row[0], rules=rules)
            self._of = stands_on
        return self._ground
