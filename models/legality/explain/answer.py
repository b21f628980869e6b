"""The answer to a hypothetical request."""

from dataclasses import dataclass

from models.legality.profile import Duty, Quote


@dataclass(frozen=True)
class Failed:
    """One condition that failed.

    quote:   the words that settle it; None for the product's own rules and for facts that are not stated
    spoken:  whether the request speaks of it at all: not where all that was asked is not stated, none or no
    """

    code: str
    text: str
    mend: str
    quote: Quote | None = None
    spoken: bool = True


@dataclass(frozen=True)
class Item:
    """One clause or item of the profile, and what of it, and of those it needs beside it, is not met (empty: it would fit)."""

    clause: str
    failed: tuple[Failed, ...]


@dataclass(frozen=True)
class Question:
    """One question of the flow and its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Explained:
    """What the gate would answer.

    profile:  the profile that decided; None where none could be told
    clauses:  the clauses a permit rests on, or that a refusal was decided on; empty where nothing needed or named one
    failed:   every condition that failed: those of the request first, then those of the clauses; empty for a permit
    duties:   what a permit obliges to; empty for a refusal
    path:     the questions of the flow, up to the one that settles it
    items:    every item of the profile, each with the conditions of its own that fail
    fits:     of a refusal, the other items whose own conditions are met
    """

    profile: str | None
    clauses: tuple[str, ...]
    failed: tuple[Failed, ...]
    duties: tuple[Duty, ...]
    path: tuple[Question, ...]
    items: tuple[Item, ...]
    fits: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """`permit`, where no condition failed, else `refuse`."""
        return "refuse" if self.failed else "permit"
