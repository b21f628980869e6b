"""A card that is missing, or leaves a number without its source. A rule set may be tried without; it is not adopted so."""

from collections.abc import Iterator
from datetime import date

from schemas.rules.lint.finding import Document, Finding, leaves, table_at

UNSOURCED = frozenset({"version", "title", "card"})  # they are no rule


def check_card(document: Document) -> Iterator[Finding]:
    """The card is there, its dates are in order, and every rule has a source."""
    if "card" not in document or document["card"] is None:
        mend = "目的（purpose）、限界（limits）、各数値の出所（sources）を [card] に書いてください"
        yield Finding("card", "CARD_MISSING", "説明票がありません", mend)
        return
    yield from _dates(document)
    sources = table_at(document, "card.sources")
    if not sources:
        return  # the schema's finding
    rules = {name: value for name, value in document.items() if name not in UNSOURCED}
    places = [place for place, _ in leaves(rules)]
    for place in places:
        if not any(_covers(source, place) for source in sources):
            yield Finding(
                place,
                "SOURCE_MISSING",
                "出所が説明票にありません",
                f'card.sources に "{place}" か、上の表を書いてください',
            )
    for source in sources:
        if not any(_covers(source, place) for place in places):
            yield Finding(
                f"card.sources.{source}",
                "SOURCE_UNKNOWN",
                "この場所はルールにありません",
                "綴りを直すか、削ってください",
            )


def _dates(document: Document) -> Iterator[Finding]:
    card = table_at(document, "card")
    first, last = (_day(card.get(name)) for name in ("effective_from", "effective_to"))
    if first is not None and last is not None and last < first:
        text = f"{last} は effective_from の {first} より前です"
        yield Finding("card.effective_to", "DATES_OUT_OF_ORDER", text, "適用の終わりを始まり以後にしてください")


def _day(value: object) -> date | None:
    """A day as TOML gives it, or as JSON does; None where it is none (the schema says so)."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def _covers(source: str, place: str) -> bool:
    return place == source or place.startswith(f"{source}.")
