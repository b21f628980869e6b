"""In which places two rule sets differ, each with what the new one's card says of its source."""

from dataclasses import dataclass
from typing import Any

from schemas.rules import RuleSet
from schemas.rules.card import Source
from schemas.rules.lint.finding import leaves

BESIDE = ("version", "title", "card")  # what is said of a rule set, not what it does


@dataclass(frozen=True)
class Changed:
    """One place; None where the rule set has nothing there. source: None where the card is silent."""

    place: str
    before: Any
    after: Any
    source: Source | None


def changed_places(before: RuleSet, after: RuleSet) -> list[Changed]:
    """Every place that differs, in the order of the file."""
    old, new = (dict(leaves(rules.model_dump(mode="json", exclude=set(BESIDE)))) for rules in (before, after))
    places = [*old, *(place for place in new if place not in old)]
    return [
        Changed(place, old.get(place), new.get(place), _source(after, place))
        for place in places
        if old.get(place) != new.get(place)
    ]


def _source(rules: RuleSet, place: str) -> Source | None:
    """The card's entry nearest to the place: its own, else that of the table it stands in."""
    while rules.card is not None and place:
        if place in rules.card.sources:
            return rules.card.sources[place]
        place = place.rpartition(".")[0]
    return None
