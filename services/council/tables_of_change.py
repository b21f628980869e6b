"""Tables of what is new since the run before, and of three years. Every count is rounded by itself, like all others."""

from collections.abc import Mapping
from typing import Any

from models.disclosure import publish, share_text
from services.council.changes import RunChange
from services.council.figures import Figures
from services.council.table import NONE, Cell, Row, Table

MOVES = {
    "entered": "新しく対象になった", "left": "対象でなくなった", "rose": "より手厚い区分になった", "fell": "より軽い区分になった",
    "same": "区分の手厚さが同じ",
}  # fmt: skip
NOTHING = "比べる前回の正式な判定がないときは「―」です。"
# Beginnings of reason codes, the longer first, and what they tell of; every reason is of exactly one kind.
KINDS = {
    "EX_": "データの不足", "NX_": "データの不足", "TX_": "データの不足", "SX_": "データの不足", "OVERRIDE_": "例外の定め",
    "CHANGE_": "学力の変化", "VERY_LOW_": "質問紙の低い尺度", "LOW_": "質問紙の低い尺度", "DROP_": "質問紙の下がった尺度",
    "ABSENCE_": "欠席", "E": "経済状況", "N": "養育状況", "T_": "学力",
}  # fmt: skip


def changes(figures: Figures) -> Table:
    """Children of the last official run against the one before."""
    counts = _compared(figures)
    told = {title: None if counts is None else counts[move] for move, title in MOVES.items()}
    told["初めて候補に挙がった"] = None if counts is None else counts["first_flagged"]
    return Table(
        "changes", "前回の判定からの変化",
        ("最後の正式な判定を、その前の正式な判定と比べました。「初めて候補に挙がった」は、それまでのどの正式な判定でも候補でなかった子どもで、ほかの行と重なります。", NOTHING),
        ("変化", "子どもの数（人）"), tuple((title, _published(count)) for title, count in told.items()),
    )  # fmt: skip


def reasons(figures: Figures) -> Table:
    """Through which facts children rose and fell, by kind of reason."""
    counts = _compared(figures)
    rose, fell = (_by_kind(None if counts is None else counts[name]) for name in ("rose_through", "fell_through"))
    return Table(
        "change_reasons", "区分が変わった理由",
        ("区分が変わった子どもについて、前回になく今回ある理由と、前回あって今回ない理由を数えました。一人に理由がいくつもあるため、延べの数です。", NOTHING),
        ("理由の種類", "手厚くなった子どもに加わった理由（延べ）", "軽くなった子どもからなくなった理由（延べ）"),
        tuple((kind, _published(rose[kind]), _published(fell[kind])) for kind in rose),
    )  # fmt: skip


def trend(figures: Figures) -> Table:
    """Three years of official runs, each share beside the number it is of."""
    return Table(
        "trend", "三年の推移とノーマーク率",
        ("「候補」は重点支援と見守りの区分の子どもです。「ノーマーク」は、候補のうち、基準日に相談・要対協、教育相談・学習支援の利用、担当者が対応中の一覧のどれにもなかった子どもで、まだだれにも把握されていない子どもの目安です。",),
        ("基準日", "対象（人）", "候補（人）", "対象に占める割合", "初めての候補（人）", "ノーマーク（人）", "ノーマーク率"),
        tuple(_year(each) for each in figures.changes), empty="この期間に、正式な判定はありません。",
    )  # fmt: skip


def kind_of(code: str) -> str:
    """What a reason code tells of."""
    return next(kind for start, kind in KINDS.items() if code.startswith(start))


def _compared(figures: Figures) -> Mapping[str, Any] | None:
    """What the last official run counted against the one before; None where there was none."""
    counts = figures.changes[-1].counts if figures.changes else {}
    return counts if "rose" in counts else None


def _published(count: int | None) -> Cell:
    return NONE if count is None else publish(count)


def _year(each: RunChange) -> Row:
    counts = each.counts
    flagged, nobody = counts["flagged"], counts["unmarked"]["unmarked"]
    first = publish(counts["first_flagged"]) if "rose" in counts else NONE  # in the first run everybody is new
    return (
        each.as_of, publish(each.children), publish(flagged), share_text(flagged, each.children), first, publish(nobody),
        share_text(nobody, flagged),
    )  # fmt: skip


def _by_kind(counted: Mapping[str, int] | None) -> dict[str, int | None]:
    if counted is None:
        return dict.fromkeys(KINDS.values())
    return {kind: sum(n for code, n in counted.items() if kind_of(code) == kind) for kind in KINDS.values()}
