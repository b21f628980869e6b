"""The rank of poverty from both levels, for every child in scope."""

from datetime import date

from models.judgement.poverty.judge import judge_poverty
from models.judgement.scope import scope_at
from schemas.rules import load_default
from tests.kernel_rows import facts
from tests.rule_text import rules_with

AS_OF = date(2026, 8, 31)
CITY = facts(
    resident=[{"person": n, "setai": n} for n in (1, 2, 3, 4, 5)],
    tax_class=[
        {"setai": 1, "class": "非課税"},
        {"setai": 2, "class": "均等割のみ"},
        {"setai": 3, "class": "課税"},
        {"setai": 4, "class": "課税"},
    ],
    soudan=[
        {"child": 1, "kind": "要支援", "received": "2026-01-01"},
        {"child": 3, "kind": "要保護", "received": "2026-01-01"},
    ],
)


def test_every_child_has_both_levels_and_the_rank_of_their_cell() -> None:
    part = judge_poverty(CITY, scope_at(CITY, AS_OF), as_of=AS_OF, rules=load_default())
    assert part.frame.rows() == [
        (1, "E2", "N2", "A"),
        (2, "E1", "N0", "C"),
        (3, "E0", "N3", "A"),
        (4, "E0", "N0", "D"),
        (5, "EX", "N0", "X"),
    ]


def test_the_numbers_are_the_rule_sets() -> None:
    shorter = rules_with(
        ("hogo_ended_months = 12", "hogo_ended_months = 2"), ("abuse_recent_months = 12", "abuse_recent_months = 2")
    )
    given = facts(
        resident=[{"person": 1}],
        seikatsu_hogo=[{"member": 1, "start_date": "2024-01-01", "end_date": "2026-06-15"}],
        soudan=[{"child": 1, "kind": "虐待通告", "received": "2026-06-15"}],
    )
    part = judge_poverty(given, scope_at(given, AS_OF), as_of=AS_OF, rules=shorter)
    assert part.frame.rows() == [(1, "EX", "N2", "B")]
