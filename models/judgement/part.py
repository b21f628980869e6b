"""What one of the judgements hands on: ranks, the reasons for them, the norms they rest on, and warnings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from models.judgement.norms import NORMS_SCHEMA


@dataclass(frozen=True, slots=True)
class Part:
    """One judgement of all children in scope.

    frame:    one row a child, sorted by person; the columns are the judgement's own
    reasons:  long; all facts found, one row a source row
    norms:    the norm sets used, empty where the judgement needs none; see `NORMS_SCHEMA`
    warnings: code → how many times; nothing that names a person
    """

    frame: pl.DataFrame
    reasons: pl.DataFrame
    norms: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NORMS_SCHEMA))
    warnings: Mapping[str, int] = field(default_factory=dict)
