"""The report's tables: the same rounded numbers on the page and in the CSV files."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.disclosure import publish, share_text
from schemas.feeds import FEEDS
from schemas.rules.names import CATEGORIES
from schemas.rules.ruleset import RuleSet
from services.council.figures import Figures

ACTS = {
    "collect": "取込", "link": "結び付け", "judge": "判定", "publish": "一覧への掲載", "look": "閲覧", "export": "持出し", "report": "報告",
}  # fmt: skip
DECISIONS = {"permit": "許可", "refuse": "拒否"}
RESULTS = {
    "judgement": "判定の結果",
    "person": "氏名等",
    "link": "番号の対応",
    "alert": "通知",
    "report": "報告の件数",
    "log": "記録",
}
STATES = {"new": "未確認", "confirm": "確認済み", "watch": "見守り継続", "dismiss": "対象外とした"}
STATUS = {"official": "正式", "held": "案（保留）", "trial": "試算"}
OPINIONS = {"favourable": "適当", "conditional": "条件付き適当", "adverse": "不適当"}
OTHER = {
    "approval": "承認の手続",
    "person": "職員の登録",
    "run": "判定の解除",
    "case": "候補への対応",
    "batch": "取込の解除",
    "link": "結び付けの確認",
}


@dataclass(frozen=True)
class Table:
    """One table. name: of the CSV file; note: what the numbers mean, in a sentence."""

    name: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    empty: str = "この期間にはありません。"


def all_tables(figures: Figures, rules: RuleSet) -> list[Table]:
    """Every table of the report, in the order of the page."""
    return [
        _approvals(figures), _runs(figures), _acts(figures), _items(figures), _other(figures), _candidates(figures),
        _queue(figures), _closings(figures, rules), _loads(figures), _linkage(figures),
    ]  # fmt: skip


def _approvals(figures: Figures) -> Table:
    rows = (
        (
            f"{name} 第{version}版",
            hash_,
            clause,
            recurrence,
            f"{start} ～ {end}",
            OPINIONS.get(opinion, "―"),
            day or "―",
            "、".join(rules),
        )
        for name, version, hash_, _, _, clause, recurrence, start, end, opinion, day, rules in figures.approvals
    )
    return Table(
        "approvals", "審議会の意見を聴いた承認", "この期間に効力の期間がかかる承認です。", 
        ("承認", "ハッシュ", "根拠の条文", "恒常・臨時", "期間", "答申", "答申の日", "認められた判定ルール"), tuple(rows),
    )  # fmt: skip


def _runs(figures: Figures) -> Table:
    rows = (
        (run, as_of, "正式（二人が解除）" if status == "held" and releases >= 2 else STATUS[status], rules, f"{approval} 第{version}版", clause,
         publish(children), f"#{entry}", root[:16])
        for run, as_of, status, rules, approval, version, clause, root, entry, children, _, _, _, releases in figures.runs
    )  # fmt: skip
    return Table(
        "runs", "判定の実行と、その承認", "根（ルート）は判定結果全体の指紋です。後から一人でも書き換えると一致しなくなります。",
        ("判定", "基準日", "状態", "ルール", "承認", "条文", "対象人数", "記録", "根"), tuple(rows),
    )  # fmt: skip


def _acts(figures: Figures) -> Table:
    rows = (
        (ACTS.get(act, act), DECISIONS[decision], clause or "―", approval or "―", recipient, publish(count))
        for act, decision, clause, approval, recipient, count in figures.acts
    )
    return Table(
        "acts", "許可と拒否", "ゲートが決定した件数です。取込は一ファイル、判定は一回、掲載は一人、閲覧は一人または一覧を一件と数えます。",
        ("行為", "決定", "条文", "承認のハッシュ", "提供先", "件数"), tuple(rows),
    )  # fmt: skip


def _items(figures: Figures) -> Table:
    rows = ((_kind(kind), DECISIONS[decision], publish(count)) for kind, decision, count in figures.items)
    return Table(
        "items", "扱った項目", "決定の件数を、項目の種類ごとに数えたものです。一つの決定が複数の種類に数えられます。",
        ("項目の種類", "決定", "件数"), tuple(rows),
    )  # fmt: skip


def _other(figures: Figures) -> Table:
    counts: Counter[str] = Counter()
    for kind, count in figures.other:
        counts[kind.split(".")[0]] += count
    rows = ((OTHER.get(kind, kind), publish(count)) for kind, count in sorted(counts.items()))
    return Table("other", "人が行った手続", "決定以外の記録です。", ("手続", "件数"), tuple(rows))


def _candidates(figures: Figures) -> Table:
    """Of each run, the candidates by support category."""
    rows = [
        (run, as_of, category, publish(categories[category]), share_text(categories[category], children))
        for run, as_of, _, _, _, _, _, _, _, children, categories, *_ in figures.runs
        for category in CATEGORIES
        if category in categories
    ]
    return Table(
        "candidates", "候補の数", "いずれも候補であり、支援が必要かどうかは人が判断します。「要データ確認」は情報が足りず判定できないという結果で、"
        "「心配がない」ではありません。", ("判定", "基準日", "区分", "人数", "対象に占める割合"), tuple(rows),
    )  # fmt: skip


def _queue(figures: Figures) -> Table:
    rows = ((category, STATES[verb], publish(count)) for category, verb, count in figures.queue)
    return Table(
        "queue",
        "掲載した候補の今の状態",
        "この期間に一覧へ載せた候補を、対応の状態ごとに数えました。",
        ("区分", "状態", "件数"),
        tuple(rows),
    )


def _closings(figures: Figures, rules: RuleSet) -> Table:
    labels: dict[tuple[str, str], str] = {
        (verb, code): label for verb, codes in rules.queue.items() for code, label in codes.items()
    }
    rows = (
        (STATES[verb], labels.get((verb, reason), reason), publish(count)) for verb, reason, count in figures.closings
    )
    return Table(
        "closings", "人が判断した理由", "候補に対して人が選んだ理由です。", ("判断", "理由", "件数"), tuple(rows)
    )


def _loads(figures: Figures) -> Table:
    rows = [
        (_kind(feed), files, publish(rows), publish(refused), share_text(refused, rows), publish(gone), at.date())
        for feed, files, rows, refused, gone, at in figures.loads
    ]
    missing = sorted({feed for run in figures.runs[-1:] for feed in run[11]["missing_feeds"]})
    note = (
        "届かなかったデータ: "
        + ("、".join(_kind(feed) for feed in missing) if missing else "なし")
        + "（最後の判定の時点）"
    )
    return Table(
        "loads", "届いたデータと、受け付けられなかった行", note,
        ("データ", "ファイル数", "行数", "受け付けなかった行", "その割合", "取り消された記録", "最後の取込"), tuple(rows),
    )  # fmt: skip


def _linkage(figures: Figures) -> Table:
    if figures.linkage is None:
        return Table("linkage", "番号の結び付け", "期間中の最後の結果です。", ("項目", "数"), ())
    persons, children, links, review, unlinked = figures.linkage
    rows: list[tuple[str, int]] = [
        ("番号の数", publish(persons)), ("子どもの数", publish(children)), ("結び付いた番号", publish(links)), ("人の確認を待つ組", publish(review)),
    ]  # fmt: skip
    rows += [(f"{_kind(feed)}のうち結び付かない行", publish(count)) for feed, count in sorted(unlinked.items())]
    return Table("linkage", "番号の結び付け", "期間中の最後の結果です。", ("項目", "数"), tuple(rows))


def _kind(name: str) -> str:
    """A feed or a kind of result by its Japanese name."""
    return FEEDS[name].row.FEED.title if name in FEEDS else RESULTS.get(name, name)


def csv_rows(table: Table) -> Iterable[Sequence[Any]]:
    """Head and rows, as the CSV file has them."""
    yield table.head
    yield from table.rows
