"""Every rule set of the city and where it stands: known → simulated → adopted → replaced."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from psycopg import Connection

from schemas.rules import RuleSet, load_default
from services.platform.database import Database
from services.platform.queries import queries
from services.rulesets.registry import read_content
from services.rulesets.standing import Adoption, adoptions, in_force_on

# signed: one of the two persons; coming: adopted from a day that lies ahead
State = Literal["known", "simulated", "signed", "coming", "adopted", "replaced"]


@dataclass(frozen=True)
class Listed:
    """One rule set.

    digest:          hexadecimal
    effective_from:  of its newest adoption; None without one, and for the default that counts as adopted in a new home
    persons:         who signed that adoption
    """

    version: str
    title: str
    digest: str
    state: State
    effective_from: date | None
    persons: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self) | {
            "effective_from": None if self.effective_from is None else self.effective_from.isoformat(),
            "persons": list(self.persons),
            "adopted": self.state == "adopted",
        }


def list_rules(database: Database) -> list[Listed]:
    """The default first, then in the order in which they came."""
    today = database.clock.today()
    with database.connect_any() as conn:
        known, signed, in_force = _known(conn), adoptions(conn), in_force_on(conn, today)
    current = load_default().digest() if in_force is None else in_force.digest.hex()
    return [_listed(rules, simulated, signed, current, today) for rules, simulated in known]


def _known(conn: Connection[Any]) -> list[tuple[RuleSet, bool]]:
    default = load_default()
    rows = [
        (read_content(content), simulation is not None)
        for content, simulation in conn.execute(queries("services.rulesets")["known"])
    ]
    first = next((row for row in rows if row[0].digest() == default.digest()), (default, False))
    return [first, *(row for row in rows if row[0].digest() != default.digest())]


def _listed(rules: RuleSet, simulated: bool, signed: list[Adoption], current: str, today: date) -> Listed:
    newest = max(
        (each for each in signed if each.digest.hex() == rules.digest()),
        key=lambda each: each.effective_from,
        default=None,
    )
    return Listed(
        version=rules.version,
        title=rules.title,
        digest=rules.digest(),
        state="adopted" if rules.digest() == current else _state(rules, simulated, newest, today),
        effective_from=None if newest is None else newest.effective_from,
        persons=() if newest is None else newest.persons,
    )


def _state(rules: RuleSet, simulated: bool, newest: Adoption | None, today: date) -> State:
    """Where a rule set stands that is not the one in force."""
    if newest is not None and not newest.complete:
        return "signed"
    if newest is not None:
        return "coming" if newest.effective_from > today else "replaced"
    if rules.digest() == load_default().digest():
        return "replaced"  # for it counted as adopted before
    return "simulated" if simulated else "known"
