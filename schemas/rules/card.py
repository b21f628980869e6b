"""The card of a rule set: what a council asks before it answers. Part of the content, and so of the digest."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.rules.sections import Label, Section

SourceKind = Literal["sourced", "proposal", "inference", "common"]


class Source(Section):
    """Where a number or a table comes from.

    kind:  sourced = published somewhere; proposal = this product's or the city's own; inference = drawn from what is
           published; common = generally known, or fixed by law
    note:  which publication, or why just this; may be empty for a proposal
    """

    kind: SourceKind
    note: str = ""


class Agreement(Section):
    """Who agreed, when, and to what, in words. A body or an office, never a person's name."""

    body: Label
    on: date
    what: Label


class Card(Section):
    """What a rule set is for and what it is not.

    purpose:         what is judged, and what for
    limits:          what its results do not say
    agreed:          empty while nobody did
    effective_from:  it may not be adopted for an earlier day; None = no such limit
    effective_to:    the last day on which it may judge; None = until it is replaced
    sources:         place → source; a place is a dotted path (`learning.low_cut`, `learning.bands.T_40_45.below`) and
                     covers all below it that has no entry of its own
    """

    purpose: Label
    limits: Annotated[tuple[Label, ...], Field(min_length=1)]
    agreed: tuple[Agreement, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    sources: dict[str, Source]
