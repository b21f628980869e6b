"""The page for the council: what would change, for whom, and how both rule sets stand to what was found out later."""

from dataclasses import dataclass
from datetime import date, datetime

from models.disclosure import publish
from services.council.paper import paper
from services.council.table import Table
from services.simulation.comparison import AFTER, BEFORE, Comparison
from services.simulation.tables import WHICH

LONGEST = 520  # of a bar, in the picture's own units
COLOURS = {BEFORE: "#8aa0b0", AFTER: "#2f6f8f"}


@dataclass(frozen=True)
class Bar:
    """One bar. count: published; length: of the published count, in the picture's own units."""

    as_of: date
    label: str
    count: int
    length: int
    colour: str
    top: int


def render(compared: Comparison, tables: tuple[Table, ...], *, now: datetime) -> str:
    """The page as HTML. now: when it is made, in Japan."""
    last = compared.last
    return paper("services.simulation").get_template("simulation.html").render(
        compared=compared, tables=tables, now=now, bars=bars(compared), which=WHICH, colours=COLOURS,
        changed=publish(last.changed), children=publish(last.children), listed={which: publish(last.listed(which)) for which in WHICH},
        held={which: sum(which in run.held for run in compared.runs) for which in WHICH},
    )  # fmt: skip


def bars(compared: Comparison) -> list[Bar]:
    """Children of 重点支援 by both rule sets, run by run, from published counts alone."""
    counts = [(run.past.as_of, which, publish(run.listed(which))) for run in compared.runs for which in WHICH]
    longest = max(count for _, _, count in counts) or 1
    return [
        Bar(as_of, WHICH[which], count, LONGEST * count // longest, COLOURS[which], 26 * place + 14 * (place // 2))
        for place, (as_of, which, count) in enumerate(counts)
    ]
