"""What a run and a judgement say, put for people; --json has the documents."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from schemas.feeds.registry import FEEDS
from schemas.rules.names import CATEGORIES, SCALES, TEMPLATE_PARAMETERS, template_key
from services.judgement.repeated import Differing, RepeatReport
from services.judgement.report import JudgeReport
from services.platform.settings import JAPAN

STATUS = {"official": "正式", "held": "保留（案）", "trial": "試算"}
WARNINGS = {
    "household_disagrees": "住民と世帯のデータで、世帯が食い違う人",
    "no_key": "採点キーのない回答用紙",
    "older_than_18": "18歳を過ぎた後の年に、子どもとして記録された人",
    "two_scores": "同じ調査・教科の点数がほかにあり、使わなかった行",
}
DEPENDS = {"batches": "取り込んだデータ", "links": "番号の結び付け", "norms": "基準値", "suspended": "利用停止の子ども"}
_CODES = tuple(TEMPLATE_PARAMETERS)


def run_text(report: JudgeReport) -> str:
    """A run: what it is, how many children in which category, and what to know of it."""
    again = "（前回から変わりありません）" if report.unchanged else ""
    listed = [f"{name} {report.categories[name]:,}人" for name in CATEGORIES if name in report.categories]
    return "\n".join(
        [
            f"判定 {report.run}{again}: {STATUS[report.status]}、{report.children:,}人",
            f"ルール {report.rules}、{report.known_at.astimezone(JAPAN):%Y-%m-%d %H:%M} までに知られていたこと",
            f"区分: {'、'.join(listed) or 'なし'}",
            f"小1～中3のうち重点支援: {share(*report.guard)}",
            f"環境因子あり（生活困窮 A・B・C）: {share(*report.calibration)}",
            f"届いていないデータ: {feeds_text(report.missing_feeds)}",
            *_notes(report),
            f"根 {report.root[:16]}",
        ]
    )


def share(part: int, whole: int) -> str:
    """A share with both its counts, never alone; to a tenth of a per cent, half up."""
    if not whole:
        return "対象なし"
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{part:,}人／{whole:,}人（{tenths // 10}.{tenths % 10}%）"


def feeds_text(feeds: Iterable[str]) -> str:
    """Feeds by their Japanese names and their own."""
    return "、".join(f"{FEEDS[feed].row.FEED.title}（{feed}）" for feed in feeds) or "なし"


def _notes(report: JudgeReport) -> Iterator[str]:
    if report.suspended:
        yield f"利用停止のため判定しなかった子ども: {report.suspended:,}人"
    if "uncalibrated" in report.warnings:
        yield "注意: 環境因子ありの割合が、ルールの目安の外にあります。"
    for code, count in report.warnings.items():
        if code in WARNINGS:
            yield f"注意: {WARNINGS[code]} {count:,}件（{code}）"


def judgement_text(found: dict[str, Any]) -> str:
    """One child's judgement: the category, the ranks, and each reason with the rows it rests on."""
    ranks = f"生活困窮 {found['poverty']}・学力 {found['learning']}・非認知 {found['noncognitive']}"
    check = "。データの確認が必要です" if found["data_check"] else ""
    reasons = sorted(found["reasons"], key=lambda reason: _place(reason["code"]))
    return "\n".join([f"{found['category']}（{ranks}）{check}", *map(_reason, reasons)])


def _place(code: str) -> tuple[int, int]:
    """Where a reason stands among others: judgement by judgement, as rule sets list their sentences; scales in their order."""
    template, scale = template_key(code)
    return _CODES.index(template), next((place for place, name in enumerate(SCALES) if name == scale), -1)


def _reason(reason: dict[str, Any]) -> str:
    of_file = groupby(reason["sources"], key=lambda source: source["file"])
    rows = "、".join(f"{file} {_lines(sorted(each['line'] for each in rows))}行" for file, rows in of_file)
    return f"・{reason['text']}" + (f"　[{rows}]" if rows else "")


def _lines(lines: list[int]) -> str:
    """Line numbers in order, neighbours as a range."""
    spans = [[line for _, line in span] for _, span in groupby(enumerate(lines), key=lambda each: each[1] - each[0])]
    return "・".join(str(span[0]) if len(span) == 1 else f"{span[0]}～{span[-1]}" for span in spans)


def repeated_text(report: RepeatReport) -> str:
    """A run computed again: whether it says the same, and everything that differs by name or number."""
    said = "同じ結果です" if report.same else "結果が違います"
    erased = f"、うち消去済み {len(report.erased)}人（{_numbers(report.erased)}）" if report.erased else ""
    lines = [f"判定 {report.run}: {said}。{report.children:,}人{erased}。根 {report.root[:16]}"]
    lines += [f"{name} の版が違います: {then} → {now}" for name, (then, now) in report.engines.items()]
    since = "。消去によるものを含みます" if report.erased else ""
    lines += [f"{DEPENDS[name]}が、判定の時と違います（{name}）{since}" for name in report.changed]
    return "\n".join([*lines, *map(_differing, report.differs)])


def _numbers(positions: Iterable[int]) -> str:
    return "、".join(f"{position}番" for position in positions)


def _differing(line: Differing) -> str:
    number = "判定の時にいなかった子ども" if line.position is None else f"{line.position}番"
    said = "消去された人の記録にもとづく行です" if line.erased else "違う結果になりました"
    return f"{number} {line.child_id or ''}".rstrip() + f": {said}"
