"""Tables of counts of children, rows and numbers. Every row stands whether or not there is something to count: a row that
appeared with a 0 would say 1 to 4."""

from models.disclosure import publish, share_text
from schemas.feeds import FEEDS
from schemas.rules.names import CATEGORIES
from schemas.rules.ruleset import RuleSet
from services.council.figures import Figures
from services.council.table import NONE, Cell, Row, Table
from services.council.wording import CASE_STATES, feed_title

CANDIDATES = CATEGORIES[:6]  # 対象外 and 対象外(記録) are none
CROSSWALK = "oneroster_map"
BY_PUPIL = tuple(
    feed for feed, contract in FEEDS.items() if "pupil_no" in contract.row.model_fields and feed != CROSSWALK
)


def candidates(figures: Figures) -> Table:
    """The last official run's children by category. Of one run alone: the difference of two would tell of few children."""
    run = figures.official_run
    rows: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    if run is not None:
        counts = {category: run.categories.get(category, 0) for category in CATEGORIES}
        rows = tuple((name, publish(n), share_text(n, run.children)) for name, n in counts.items())
        totals = (
            ("合計", publish(run.children), share_text(run.children, run.children)),
            ("利用停止の決定により判定しなかった子ども（合計の外）", publish(run.suspended), NONE),
        )
    return Table(
        "candidates", "候補の数",
        ("すべて候補です。支援が必要かどうかは、必ず人が確かめて決めます。区分に入らないことは、心配がないことを意味しません。",
         "「要データ確認」は、データが足りないために生活の状況を判定できない（ランクX）という結果です。「心配がない」ではなく、データを確かめてから判断します。"),
        ("区分", "子どもの数（人）", "対象に占める割合"), rows, totals, "この期間に、正式な判定はありません。",
    )  # fmt: skip


def queue(figures: Figures) -> Table:
    """The quarter's alerts by category and what people had done with them."""
    further = sorted({category for category, _ in figures.queue} - set(CANDIDATES))
    rows: tuple[Row, ...] = tuple(
        (category, *(publish(figures.queue.get((category, verb), 0)) for verb in CASE_STATES))
        for category in (*CANDIDATES, *further)
    )
    sums = (sum(n for (_, done), n in figures.queue.items() if done == verb) for verb in CASE_STATES)
    return Table(
        "queue", "掲載した候補の、その後",
        ("この期間に担当者の一覧へ載せた候補が、期間の終わり（途中の報告では今日）にどの状態かを数えました。「新規」は、まだ誰も判断していないものです。",
         "載せるのは重点支援Ⅰ・Ⅱと要データ確認、データの確認が要るものだけです。前と変わらない候補は載せ直しません。"),
        ("区分", *CASE_STATES.values()), rows, (("合計", *(publish(n) for n in sums)),),
    )  # fmt: skip


def closings(figures: Figures, rules: RuleSet) -> Table:
    """What people did, by reason code."""
    labels: dict[tuple[str, str], str] = {
        (act, code): label for act, codes in rules.queue.items() for code, label in codes.items()
    }
    labels |= {key: key[1] for key in sorted(figures.closings) if key not in labels}  # codes of earlier rule sets
    return Table(
        "closings", "人の判断とその理由",
        ("この期間に担当者が選んだ判断と理由です。一人の候補に二度判断したときは、二度とも数えます。",), ("判断", "理由", "件数"),
        tuple((_state(act), label, publish(figures.closings.get((act, code), 0))) for (act, code), label in labels.items()),
        (("合計", "", publish(sum(figures.closings.values()))),),
    )  # fmt: skip


def loads(figures: Figures) -> Table:
    """Every feed of the contract: whether it came, how much of it was refused, whether the last judging lacked it."""
    last = figures.runs[-1] if figures.runs else None
    missing = set() if last is None else set(last.missing)
    handed_in = sum(rows for rows, _, _ in figures.loads.values())
    refused = sum(refused for _, refused, _ in figures.loads.values())
    return Table(
        "feeds", "届いたデータと、受け付けなかった行",
        ("「受け付けなかった行」は、形や値に誤りがあり、直すまで使わずに隔離した行（調査票では回答）です。内容は審議会への報告には現れません。",
         "「未着」は、最後の判定の時点で一度も届いていなかったデータです。足りないデータは、心配がないものとしては扱いません。"),
        ("データ", "所管", "届いたか", "行数", "受け付けなかった行", "その割合", "最後の取込"),
        tuple(_load(figures, feed, feed in missing) for feed in FEEDS),
        (("合計", "", "", publish(handed_in), publish(refused), share_text(refused, handed_in), ""),),
    )  # fmt: skip


def linkage(figures: Figures) -> Table:
    """The newest linkage run: how much was joined, and how much leads to no child."""
    found = figures.linkage
    rows: tuple[Row, ...] = ()
    if found is not None:
        rows = (
            ("扱った番号（大人を含む）", publish(found.persons), NONE),
            ("子どもに結び付いた番号", publish(found.links), NONE),
            ("子どもの数", publish(found.children), NONE),
            ("同じ子どもかどうか、人の確認を待つ組", publish(found.review), NONE),
            *(_unlinked(feed, found.unlinked.get(feed, 0), found.rows.get(feed, 0)) for feed in BY_PUPIL),
        )
    return Table(
        "linkage", "番号の結び付け",
        ("市民課と学校では子どもの番号が異なるため、対応表で結び付けます。期間中の最後の結果です。子どもの数には、転出などで判定の対象でない人を含みます。",
         "結び付かない行は、どの子どもの判定にも使われません。"),
        ("項目", "数", "その割合"), rows, empty="この期間に、番号の結び付けはありません。",
    )  # fmt: skip


def _load(figures: Figures, feed: str, missing: bool) -> Row:
    office = FEEDS[feed].row.FEED.office
    waiting = "、確認待ちのファイルあり" if feed in figures.held else ""
    if feed not in figures.loads:
        absent = "未着" if missing else "この期間はなし"
        return feed_title(feed), office, absent + waiting, NONE, NONE, NONE, NONE
    rows, refused, day = figures.loads[feed]
    came = "届いた" + ("（判定の後）" if missing else "") + waiting
    return feed_title(feed), office, came, publish(rows), publish(refused), share_text(refused, rows), day


def _unlinked(feed: str, without: int, rows: int) -> tuple[Cell, Cell, Cell]:
    return f"{feed_title(feed)}のうち、子どもに結び付かない行", publish(without), share_text(without, rows)


def _state(act: str) -> str:
    return next((label for code, label in CASE_STATES.items() if code == act), act)
