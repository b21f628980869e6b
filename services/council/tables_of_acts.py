"""Tables of what was done: approvals and runs, and the decisions of the gate as the log's entries show them."""

from collections import Counter
from collections.abc import Iterable

from models.disclosure import publish
from models.legality.view import ApprovalView
from schemas.records.approval import State
from services.council.figures import Figures, Group, Run
from services.council.table import NONE, Digest, Table, shown
from services.council.wording import ACTS, OPINIONS, OUTCOMES, PROCEDURES, clause_title, item_place, item_title

INSIDE = "担当の中での処理"  # an entry that names no recipient: nothing left the acting role


def approvals(figures: Figures) -> Table:
    """Approvals on which the council was heard."""
    rows = (
        (
            _approval_name(view), view.document.name, clause_title(view.document.clause), _recurrence(view), _period(view), OPINIONS[view.council.opinion], view.council.opinion_on, _standing(figures, view),
            "、".join(view.document.rule_sets), Digest(view.digest.hex()),
        )
        for view in figures.approvals
        if view.council is not None
    )  # fmt: skip
    return Table(
        "approvals", "審議会の意見を聴いた承認",
        ("有効期間がこの期間にかかる承認です。承認は処理の前提の一つで、これに加えて条文の要件を満たすときだけ許可されます。",
         "「照合値」は文書から計算した値です。文書が一字でも変わると別の値になります。"),
        ("承認", "事務", "根拠の条文", "種別", "有効期間", "答申", "答申の日", "状態", "認めた判定ルール", "文書の照合値"),
        tuple(rows),
    )  # fmt: skip


def runs(figures: Figures) -> Table:
    """Runs against the approvals they rest on. No counts of a trial's children are published: every further one would tell more."""
    rows = (
        (
            run.name, run.as_of, _run_state(run), run.rules, f"{run.approval} 第{run.version}版", clause_title(run.clause),
            NONE if run.status == "trial" else publish(run.children), f"#{run.entry}", "一致" if run.agrees else "不一致", Digest(run.root),
        )
        for run in figures.runs
    )  # fmt: skip
    return Table(
        "runs", "判定の実行と、その承認",
        ("「保留」は候補の割合が上限を超えた判定で、二人の職員が解除するまで候補を掲載しません。「試算」は掲載に使いません。",
         "「照合」は、判定結果の全体から計算した値と記録簿の値とを比べた結果です。不一致は、後からの書換えを疑うべき状態です。"),
        ("判定", "基準日", "状態", "判定ルール", "承認", "条文", "対象の子ども（人）", "記録の番号", "照合", "結果の照合値"), tuple(rows),
    )  # fmt: skip


def acts(figures: Figures) -> Table:
    """Decisions by act, outcome, clause and approval; permits and refusals each with their total."""
    names = {view.digest.hex(): _approval_name(view) for view in figures.approvals}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for group in sorted(_decisions(figures), key=_place):
        approval = names.get(group.approval or "", (group.approval or NONE)[:12])
        clause = NONE if group.clause is None else clause_title(group.clause)
        counts[_act(group), _outcome(group), clause, approval] += group.count
    return Table(
        "acts", "許可と拒否",
        ("処理のたびにゲートが承認と条文を確かめ、許可または拒否を記録簿に残します。取込は1ファイル、判定は1回、掲載は子ども1人、閲覧は1人または一覧1回が1件です。",
         "拒否された処理は行われていません。拒否の理由は記録簿に封をして残してあり、ここには数えていません。行があって0と出るものは、1件から4件です。"),
        ("処理", "結果", "条文", "承認", "件数"),
        tuple((*key, publish(count)) for key, count in counts.items()),
        tuple((f"{label}の合計", label, "", "", publish(decided(figures, outcome))) for outcome, label in OUTCOMES.items()),
    )  # fmt: skip


def recipients(figures: Figures) -> Table:
    """Permits by who received, for which act, and what."""
    counts: Counter[tuple[str, str]] = Counter()
    kinds: dict[tuple[str, str], set[str]] = {}
    for group in sorted(_decisions(figures, "permit"), key=_place):
        key = (group.recipient or INSIDE, _act(group))
        counts[key] += group.count
        kinds.setdefault(key, set()).update(item_title(item) for item in group.items)
    return Table(
        "recipients", "受け取った組織と内容",
        (f"許可した処理を、受け取った組織ごとに数えました。「{INSIDE}」は、その処理の担当のほかに誰にも渡していないものです。",),
        ("受け取った組織", "処理", "内容", "件数"),
        tuple((office, act, "、".join(sorted(kinds[office, act], key=item_place)), publish(n)) for (office, act), n in counts.items()),
    )  # fmt: skip


def items(figures: Figures) -> Table:
    """Decisions by what their items belong to."""
    counts: Counter[tuple[str, str]] = Counter()
    for group in _decisions(figures):
        for title in {item_title(item) for item in group.items}:
            counts[title, group.decision or ""] += group.count
    return Table(
        "items", "扱った項目",
        ("決定の件数を、扱う（拒否では、扱おうとした）項目の種類ごとに数えました。一つの決定を複数の種類に数えるため、合計はありません。",
         "氏名・住所などは項目ごとに示します。"),
        ("項目の種類", "許可", "拒否"),
        tuple(
            (title, publish(counts[title, "permit"]), publish(counts[title, "refuse"]))
            for title in sorted({title for title, _ in counts}, key=item_place)
        ),
    )  # fmt: skip


def procedures(figures: Figures) -> Table:
    """Entries that are no decision."""
    counts: Counter[str] = Counter()
    for group in figures.groups:
        if group.kind != "decision":
            counts[group.kind.partition(".")[0]] += group.count
    return Table(
        "procedures", "人が行った手続", ("記録簿に残る、許可・拒否のほかの手続です。",), ("手続", "件数"),
        tuple((PROCEDURES.get(kind, kind), publish(count)) for kind, count in sorted(counts.items())),
        (("合計", publish(counts.total())),) if counts else (),
    )  # fmt: skip


def decided(figures: Figures, outcome: str) -> int:
    """Exact number of permits or refusals."""
    return sum(group.count for group in _decisions(figures, outcome))


def _decisions(figures: Figures, outcome: str | None = None) -> Iterable[Group]:
    return (g for g in figures.groups if g.kind == "decision" and outcome in (None, g.decision))


def _place(group: Group) -> tuple[int, str, str]:
    """In the order of the work; permits before refusals."""
    acts_in_order = list(ACTS)
    place = acts_in_order.index(group.act) if group.act in ACTS else len(acts_in_order)
    return place, group.decision or "", group.recipient or ""


def _act(group: Group) -> str:
    return ACTS.get(group.act or "", group.act or NONE)


def _outcome(group: Group) -> str:
    return OUTCOMES[group.decision or ""]


def _approval_name(view: ApprovalView) -> str:
    return f"{view.document.id} 第{view.document.version}版"


def _period(view: ApprovalView) -> str:
    return f"{shown(view.document.period_from)}～{shown(view.document.period_to)}"


def _recurrence(view: ApprovalView) -> str:
    limit = view.document.max_runs
    return view.document.recurrence if limit is None else f"{view.document.recurrence}（判定{limit}回まで）"


def _standing(figures: Figures, view: ApprovalView) -> str:
    """How it stood at the end of the quarter as far as a revocation goes; amendments as they stand now."""
    revoked = figures.revoked.get((view.document.id, view.document.version))
    if revoked is not None:
        return f"{shown(revoked)}に取消し"
    if view.state is State.HEARD:
        return "効力なし（反対の答申）"
    return "変更済み（新しい版による）" if view.state is State.AMENDED else "効力あり"


def _run_state(run: Run) -> str:
    if run.status == "trial":
        return "試算"
    if run.status == "held":
        return "正式（保留の後、二人が解除）" if run.official else "保留（解除待ち）"
    return "正式"
