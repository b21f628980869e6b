"""Feeds and codes of feeds that a rule set names and no contract knows."""

from collections.abc import Iterator, Mapping

from schemas.feeds import FEEDS
from schemas.rules.lint.finding import Document, Finding, table_at


def check_feeds(document: Document) -> Iterator[Finding]:
    """A feed that does not exist can never come, so the level that waits for it would always be NX."""
    required = table_at(document, "nurturing").get("required_feeds")
    for feed in required if isinstance(required, Mapping) else ():
        if feed not in FEEDS:
            mend = "feed list で示される名前にしてください"
            yield Finding(f"nurturing.required_feeds.{feed}", "CODE_UNKNOWN", "知らないデータです", mend)
