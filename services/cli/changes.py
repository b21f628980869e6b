"""`run show RUN --changes`: what is new since the run before, in counts, and the three years up to it with each group's size."""

from typing import Any

from rich.console import Group, RenderableType

from services.cli.judged import share
from services.cli.output import emit, table
from services.gate.people import Person
from services.judgement.changed import look_at_changes
from services.judgement.changes import changes_of
from services.judgement.store import find_run
from services.platform.database import Database
from services.simulation.groups import GRADES

MOST = 10  # reason codes told to people; --json has all of them
SAID = {
    "entered": "新しく対象になった",
    "left": "対象でなくなった",
    "rose": "より手厚い区分になった",
    "fell": "より軽い区分になった",
    "same": "区分の高さが同じ",
}


def show_changes(database: Database, run: str, by: Person | None) -> None:
    """Print the changes of one run; to an analyst or auditor child by child, which is logged."""
    with database.connect("analyst") as conn:
        find_run(conn, run)
        document = changes_of(conn, run)
    if by is not None:
        document = look_at_changes(database, run, by)
    emit(document, lambda: _told(document))


def _told(document: dict[str, Any]) -> RenderableType:
    if document["changes"] is None:
        return "この判定の変化は記録されていません。"
    children = [_child(row) for row in document.get("children", [])]
    return Group(
        "\n".join([*_since(document), ""]), _trend(document["trend"]), "", _grades(document["trend"]), *children
    )


def _since(document: dict[str, Any]) -> list[str]:
    counts = document["changes"]
    unmarked = counts["unmarked"]
    lines = [
        f"候補のうち初めて挙がった子ども: {share(counts['first_flagged'], counts['flagged'])}",
        f"ノーマーク率（候補のうち、どの窓口の一覧にもない子ども）: {share(unmarked['unmarked'], unmarked['flagged'])}",
    ]
    if document["previous"] is None:
        return [*lines, "前回の正式な判定がないため、変化はありません。"]
    moved = "、".join(f"{said} {counts[key]:,}人" for key, said in SAID.items())
    return [
        *lines,
        f"前回 {document['previous']} から: {moved}",
        _reasons("手厚くなった子どもに加わった理由", counts["rose_through"]),
        _reasons("軽くなった子どもからなくなった理由", counts["fell_through"]),
    ]


def _trend(trend: list[dict[str, Any]]) -> RenderableType:
    rows = (
        (
            each["as_of"],
            share(each["flagged"], each["children"]),
            share(each["first_flagged"], each["flagged"]),
            share(each["unmarked"]["unmarked"], each["unmarked"]["flagged"]),
        )
        for each in trend
    )
    return table(("基準日", "候補／対象", "初めて／候補", "ノーマーク／候補"), rows, empty="")


def _grades(trend: list[dict[str, Any]]) -> RenderableType:
    """Candidates of all children, grade by grade and run by run; a grade without children in a run has none."""
    known = {grade for each in trend for grade in each["grades"]}
    names = [*(grade for grade in GRADES if grade in known), *sorted(known - GRADES.keys())]
    rows = ((GRADES.get(name, name), *(_counted(each["grades"].get(name)) for each in trend)) for name in names)
    return table(("学年（候補／対象）", *(each["as_of"] for each in trend)), rows, empty="")


def _counted(counted: dict[str, int] | None) -> str | None:
    return None if counted is None else f"{counted['flagged']:,}／{counted['children']:,}"


def _child(row: dict[str, Any]) -> str:
    codes = [f"+{code}" for code in row["added"]] + [f"-{code}" for code in row["removed"]]
    first = "（初めて）" if row["first_flagged"] else ""
    return f"{row['child_id']}  {row['was'] or '―'} → {row['category'] or '―'}{first}  {' '.join(codes)}"


def _reasons(title: str, counted: dict[str, int]) -> str:
    listed = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    more = f"、ほか{len(listed) - MOST}種" if len(listed) > MOST else ""
    return f"{title}: " + ("、".join(f"{code} {count}人" for code, count in listed[:MOST]) or "なし") + more
