"""Topics: one a department for what comes in, so that each may write its own alone; one each for alerts and dead letters."""

from schemas.events.kinds import EVENT_FEEDS

# The office that a contract names → the department in its topic's name.
DEPARTMENTS = {
    "市民課": "shimin",
    "学務課": "gakumu",
    "教育委員会": "kyoiku-iinkai",
    "学校": "gakko",
    "学校教育課": "gakko-kyoiku",
    "福祉事務所": "fukushi",
    "子育て給付担当課": "kosodate-kyufu",
    "子どもの医療費助成の担当課など、税以外の課": "iryohi-josei",
    "健康増進課": "kenko-zoshin",
    "保育課": "hoiku",
    "こども家庭センター": "kodomo-katei",
    "教育センター": "kyoiku-center",
}
ALERTS, DEAD_LETTERS = "mimamori.alert.v1", "mimamori.dead-letter.v1"


def inbound_topics() -> dict[str, frozenset[str]]:
    """Topic → the feeds whose events it may bring: those that the department answers for."""
    found: dict[str, set[str]] = {}
    for feed, contract in EVENT_FEEDS.items():
        found.setdefault(f"mimamori.feed.{DEPARTMENTS[contract.row.FEED.office]}.v1", set()).add(feed)
    return {topic: frozenset(feeds) for topic, feeds in found.items()}
