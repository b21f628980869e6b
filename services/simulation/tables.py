"""The comparison as tables: every count of children rounded as models.disclosure has it, and no share without its counts."""

from typing import Any

from models.disclosure import publish, share_text
from models.simulation.outcomes import FOLLOW_UP_MONTHS, Hits, total
from models.simulation.rules import Changed, changed_places
from schemas.rules.names import CATEGORIES
from services.council.table import NONE, Cell, Row, Table
from services.simulation.comparison import AFTER, BEFORE, LISTED, Comparison, RunCompared
from services.simulation.groups import GRADES
from services.simulation.wording import KINDS, item_title, section_title, value_text

WHICH = {BEFORE: "今のルール", AFTER: "新しい案"}
GROUP_TITLES = {
    "school": (
        "学校",
        "学齢簿の学校コードです。「記載なし」は、就学前・16～18歳や、学齢簿に学校の記載がない子どもです。",
    ),
    "grade": ("学年", "生年月日による学年です。"),
    "sex": ("性別", "住民票の性別です。"),
    "nationality": ("国籍", "住民票の種別（日本人・外国人）です。"),
    "area": ("地域", "住所の町字IDの上4桁（大字・町）です。支援措置に関わる世帯は「記載なし」に含みます。"),
}


def all_tables(compared: Comparison) -> tuple[Table, ...]:
    """Every table, in the order of the page."""
    return (
        rule_changes(compared),
        sizes(compared),
        moves(compared),
        *(group_table(compared, group) for group in GROUP_TITLES),
        measured(compared),
    )


def rule_changes(compared: Comparison) -> Table:
    """What differs between the two rule sets."""
    return Table(
        "rule_changes", "ルールのどこが違うか",
        ("出所は、新しい案の説明票によります。理由の文の○には、子どもごとの日付や数が入ります。",),
        ("判定", "項目", WHICH[BEFORE], WHICH[AFTER], "新しい値の出所", "ファイルの中の場所"),
        tuple(_rule_change(each) for each in changed_places(compared.before, compared.after)),
        empty="判定の内容に違いはありません。",
    )  # fmt: skip


def sizes(compared: Comparison) -> Table:
    """How many children each rule set puts into each category, run by run."""
    rows: tuple[Row, ...] = tuple(
        (run.past.as_of, label, *(publish(run.sizes[which].get(category, 0)) for category in CATEGORIES),
         "保留" if which in run.held else "―")
        for run in compared.runs for which, label in WHICH.items()
    )  # fmt: skip
    return Table(
        "sizes", "区分ごとの人数",
        ("それぞれの判定が当時見ることのできたデータだけで、判定し直した人数です。「保留」は、重点支援の割合が上限を超え、二人の職員が解除するまで候補を掲載しない結果です。",),
        ("基準日", "ルール", *CATEGORIES, "上限"), rows,
    )  # fmt: skip


def moves(compared: Comparison) -> Table:
    """Children of the last run by the category they have and the one they would have."""
    run = compared.last
    rows: tuple[Row, ...] = tuple(
        (f"今: {before}", *(publish(run.moves.get((before, after), 0)) for after in CATEGORIES))
        for before in CATEGORIES
    )
    return Table(
        "moves", "だれの区分が変わるか",
        (f"基準日 {_day(run)} の判定です。行が今のルール、列が新しい案による区分で、同じ区分の欄は変わらない子どもです。",),
        ("", *(f"案: {category}" for category in CATEGORIES)), rows,
    )  # fmt: skip


def group_table(compared: Comparison, group: str) -> Table:
    """Whom the change meets, by one kind of group."""
    title, note = GROUP_TITLES[group]
    counted = compared.groups[group].select("group", "children", "up", "down")
    rows = sorted(counted.iter_rows(), key=lambda row: _place(group, row[0]))
    whole = counted.select("children", "up", "down").sum().row(0)
    return Table(
        f"by_{group}", f"変わる子ども　{title}ごと",
        (f"基準日 {_day(compared.last)} の判定です。{note}「対象外」と「対象外(記録)」のように、手厚さの同じ区分の間の変化は含みません。",),
        (title, "子どもの数（人）", "より手厚い区分へ（人）", "その割合", "より軽い区分へ（人）", "その割合"),
        tuple((_name(group, row[0]), *_counts(*row[1:])) for row in rows), (("合計", *_counts(*whole)),),
    )  # fmt: skip


def measured(compared: Comparison) -> Table:
    """The lists of 重点支援 against what was found out in the months after, and the yardstick's of the same length."""
    by_casework = "担当者が候補を確かめた結果（一次確認・対象外）と、" if compared.with_casework else ""
    unseen = "" if compared.with_casework else "担当者が候補を確かめた結果は、承認に含まれないため見ていません。"
    return Table(
        "measured", "後から分かったこととの照合",
        (f"一覧は{'・'.join(LISTED)}です。基準日の後{FOLLOW_UP_MONTHS}か月以内に、{by_casework}要対協などの窓口が支援を要する（虐待通告・要保護・要支援）としたことと照らしました。基準日にすでにその窓口が把握していた子どもは数えません。{unseen}",
         f"「見逃し」は、後から支援が必要と分かったのに一覧になかった子どもです。一覧になくても見守りの区分にあることがあります。だれにも把握されていない困りごとは、どの数にも現れません。{FOLLOW_UP_MONTHS}か月がまだ過ぎていない基準日では、どの数も少なく出ます。",
         "「物差し」は、同じデータからロジスティック回帰で順に並べ、そのルールの一覧と同じ人数で切った一覧です。その基準日より前の判定と、その日までに分かっていた結果だけから作りました。ルールを比べるためだけのもので、判定には使いません。物差しの行の「―」は、学べる結果が足りないことを示します。割合の「―」は、結果の分かった子どもが100人に満たないことを示します。"),
        ("基準日", "一覧", "一覧の人数", "支援が必要と分かった", "必要でないと分かった", "分かったうち必要の割合", "見逃し"),
        tuple(row for run in compared.runs for row in _measured(run)), tuple(_sums(compared)),
    )  # fmt: skip


def _rule_change(each: Changed) -> Row:
    source = "記載なし" if each.source is None else f"{KINDS[each.source.kind]}　{each.source.note}".strip()
    return (
        section_title(each.place), item_title(each.place), _value(each.place, each.before), _value(each.place, each.after),
        source, each.place,
    )  # fmt: skip


def _value(place: str, value: Any) -> Cell:
    """A value of a rule set as a word: it is no count."""
    return NONE if value is None else value_text(place, value)


def _counts(children: int, up: int, down: int) -> tuple[Cell, ...]:
    return publish(children), publish(up), share_text(up, children), publish(down), share_text(down, children)


def _place(group: str, name: str | None) -> tuple[bool, int, str]:
    """Order of the rows: grades by age, the rest by name, last those of whom the registers do not say."""
    by_age = {grade: place for place, grade in enumerate(GRADES)} if group == "grade" else {}
    return name is None, by_age.get(name or "", 0), name or ""


def _name(group: str, name: str | None) -> str:
    if name is None:
        return "学年なし（3歳児より前）" if group == "grade" else "記載なし"
    return GRADES.get(name, name) if group == "grade" else name


def _measured(run: RunCompared) -> list[Row]:
    rows: list[Row] = []
    for which, label in WHICH.items():
        found = run.measured[which]
        rows.append((run.past.as_of, label, *_hits(found.own)))
        rows.append((run.past.as_of, f"{label}の物差し", *_hits(found.yardstick)))
    return rows


def _sums(compared: Comparison) -> list[Row]:
    """All lists over the runs where there is a yardstick, so that they can be compared; else the rule sets' over all runs."""
    with_both = [run for run in compared.runs if all(each.yardstick for each in run.measured.values())]
    runs = with_both or compared.runs
    title = f"物差しのある{len(runs)}回の延べ" if with_both else f"全{len(runs)}回の延べ"
    rows: list[Row] = []
    for which, label in WHICH.items():
        found = [run.measured[which] for run in runs]
        rows.append((title, label, *_hits(total([each.own for each in found]))))
        if with_both:
            yardstick = total([each.yardstick for each in found if each.yardstick])
            rows.append((title, f"{label}の物差し", *_hits(yardstick)))
    return rows


def _hits(hits: Hits | None) -> tuple[Cell, ...]:
    if hits is None:
        return NONE, NONE, NONE, NONE, NONE
    share = share_text(hits.needed, hits.decided)
    return publish(hits.listed), publish(hits.needed), publish(hits.not_needed), share, publish(hits.missed)


def _day(run: RunCompared) -> str:
    day = run.past.as_of
    return f"{day.year}年{day.month}月{day.day}日"
