"""All checks together."""

from collections.abc import Iterator

from pydantic import BaseModel

from schemas.rules.lint.card import check_card
from schemas.rules.lint.feeds import check_feeds
from schemas.rules.lint.finding import Document, Finding
from schemas.rules.lint.numbers import check_numbers
from schemas.rules.lint.sentences import check_sentences
from schemas.rules.lint.structure import check_structure
from schemas.rules.lint.tables import check_tables
from schemas.rules.lint.thresholds import check_thresholds

CHECKS = (check_tables, check_thresholds, check_sentences, check_feeds)


def lint(model: type[BaseModel], document: Document) -> list[Finding]:
    """Everything that keeps a rule set from being adopted, by place; empty = clean. model: the rule set's schema."""
    return sorted(
        {*check_structure(model, document), *faults(document), *check_numbers(document), *check_card(document)}
    )


def faults(document: Document) -> Iterator[Finding]:
    """What keeps a rule set from judging at all, beyond its schema."""
    for check in CHECKS:
        yield from check(document)
