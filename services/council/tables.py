"""The report's tables, in the order of the page."""

from schemas.rules.ruleset import RuleSet
from services.council import tables_of_acts, tables_of_change, tables_of_duties, tables_of_people
from services.council.figures import Figures
from services.council.table import Table


def all_tables(figures: Figures, rules: RuleSet) -> tuple[Table, ...]:
    """Every table of the report."""
    return (
        tables_of_acts.approvals(figures),
        tables_of_acts.runs(figures),
        tables_of_acts.acts(figures),
        tables_of_acts.recipients(figures),
        tables_of_acts.items(figures),
        tables_of_acts.procedures(figures),
        tables_of_duties.duties(figures),
        tables_of_duties.emergencies(figures),
        tables_of_people.candidates(figures),
        tables_of_change.changes(figures),
        tables_of_change.reasons(figures),
        tables_of_change.trend(figures),
        tables_of_people.queue(figures),
        tables_of_people.closings(figures, rules),
        tables_of_people.loads(figures),
        tables_of_people.linkage(figures),
    )
