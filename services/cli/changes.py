"""`run show RUN --changes`: what is new since the run before, in counts, and the three years up to it."""

from typing import Any

from services.cli.output import emit
from services.gate.people import Person
from services.judgement.changed import look_at_changes
from services.judgement.changes import changes_of
from services.judgement.store import find_run
from services.platform.database import Database

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
    emit(document, lambda: "\n".join([*_told(document), *map(_child, document.get("children", []))]))


def _told(document: dict[str, Any]) -> list[str]:
    counts = document["changes"]
    if counts is None:
        return ["この判定の変化は記録されていません。"]
    unmarked = counts["unmarked"]
    lines = [
        f"候補 {counts['flagged']}人、うち初めて挙がった子ども {counts['first_flagged']}人。",
        f"ノーマーク（どの窓口の一覧にもない候補） {unmarked['unmarked']}人／候補 {unmarked['flagged']}人。",
    ]
    if document["previous"] is None:
        lines.append("前回の正式な判定がないため、変化はありません。")
    else:
        lines.append(f"前回 {document['previous']} から: " + "、".join(f"{SAID[key]} {counts[key]}人" for key in SAID))
        lines += [_reasons("手厚くなった子どもに加わった理由", counts["rose_through"])]
        lines += [_reasons("軽くなった子どもからなくなった理由", counts["fell_through"])]
    lines += [
        f"{each['as_of']}: 候補 {each['flagged']}人／対象 {each['children']}人、"
        f"ノーマーク {each['unmarked']['unmarked']}人／候補 {each['unmarked']['flagged']}人"
        for each in document["trend"]
    ]
    return lines


def _child(row: dict[str, Any]) -> str:
    codes = [f"+{code}" for code in row["added"]] + [f"-{code}" for code in row["removed"]]
    return f"{row['child_id']}  {row['was'] or '―'} → {row['category'] or '―'}  {' '.join(codes)}"


def _reasons(title: str, counted: dict[str, int]) -> str:
    listed = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    more = f"、ほか{len(listed) - MOST}種" if len(listed) > MOST else ""
    return f"{title}: " + ("、".join(f"{code} {count}人" for code, count in listed[:MOST]) or "なし") + more
