"""What one of the judgements hands on: ranks and the reasons for them."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Part:
    """One judgement of all children in scope.

    frame:    one row a child, in the order of Scope.children; the columns are the judgement's own
    reasons:  long; all facts found, one row a source row
    """

    frame: pl.DataFrame
    reasons: pl.DataFrame
