"""The path of tables without persons: it needs no clause, and allows nothing aimed at one person."""

from collections.abc import Iterator

from models.legality.explain.answer import Failed
from models.legality.explain.situation import Situation
from models.legality.explain.words import ONE_PERSON, STILL_PERSONAL
from models.legality.profile import Quote
from schemas.records.request import Act

STATISTICS = "statistics"  # id of the path among a profile's items
OF_PERSONS = frozenset({Act.LINK, Act.JUDGE, Act.PUBLISH, Act.LOOK})  # acts that name, rank or select somebody
MEND = "表だけを出力とするか、根拠となる条文によってください"


def statistics(situation: Situation) -> Iterator[Failed]:
    """A table that names, ranks and selects nobody, a reader who sees no row, and no 特定個人情報, which has a rule of its own."""
    request, profile = situation.request, situation.profile
    if request.extra.targets_individuals != "no" or request.act in OF_PERSONS:
        text = "個人を選び出し、順位付けし、又は個人に働きかけないこと"
        yield _not_shown("TARGETS_INDIVIDUALS", text, ONE_PERSON)
    if request.extra.reads_rows != "no":
        text = "個人ごとの行を見る者がいないこと（開示の審査を経た表だけを渡すこと）"
        yield _not_shown("READS_ROWS", text, STILL_PERSONAL)
    if request.data.my_number == "yes":
        mend = "番号法の規定によるか、個人番号を除いてください"
        yield Failed("MY_NUMBER", "特定個人情報は、統計のためであっても番号法の定めによります", mend, profile.my_number)
    if request.date is not None and not profile.covers(request.date):
        yield Failed(
            "CLAUSE_EXPIRED",
            f"「{profile.title}」は行為の日（{request.date}）に効力がありません",
            f"行為の日に適用される法令プロファイル（{profile.succeeded_by or 'ほかのもの'}）によってください",
        )


def _not_shown(code: str, text: str, words: Quote) -> Failed:
    return Failed(code, f"次のことが示されていません: {text}", MEND, words)
