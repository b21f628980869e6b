"""What of one clause is not met: its days, its kind of data, whether it covers standing use, and all that it demands."""

from collections.abc import Iterator

from models.legality.explain.answer import Failed, Item
from models.legality.explain.hearing import heard
from models.legality.explain.situation import Situation
from models.legality.explain.statistics import STATISTICS, statistics
from models.legality.explain.words import STANDING
from models.legality.profile import Clause, Demand, Quote
from models.legality.verdict import OWN_RULE

SILENT = (None, "", (), "none", "no")  # values of a fact that is not what a request speaks of


def items(situation: Situation) -> Iterator[Item]:
    """Every clause of the profile, in its order, after the path of statistics where the data is such."""
    if situation.request.data.form == "statistics":
        yield Item(STATISTICS, tuple(statistics(situation)))
    own = {clause.id: tuple(_of_clause(clause, situation)) for clause in situation.profile.clauses}
    for clause in situation.profile.clauses:
        together = (each for name in (clause.id, *clause.together_with) for each in own[name])
        yield Item(clause.id, tuple(dict.fromkeys(together)))


def _of_clause(clause: Clause, situation: Situation) -> Iterator[Failed]:
    for ask in (in_force, of_this_form, of_this_number, recurrence_allowed, may_be_urgent):
        yield from ask(clause, situation)
    for demand in clause.demands:
        words = None if demand.own else clause.quotes[demand.quote]
        yield from _demanded(demand, words, situation)
    for demand in situation.profile.demands:
        yield from _demanded(demand, demand.words, situation)


def in_force(clause: Clause, situation: Situation) -> Iterator[Failed]:
    """In force on the day of the act; where it ended, what decides instead is named."""
    day, after = situation.request.date, situation.profile.succeeded_by
    if day is None or clause.covers(day):
        return
    ended = clause.valid_from <= day
    yield Failed(
        "CLAUSE_EXPIRED",
        f"{clause.reported}は行為の日（{day}）に効力がありません（{'失効' if ended else '施行前'}）",
        f"この日の行為には法令プロファイル「{after}」が適用されます"
        if ended and after
        else "行為の日に効力のある条文によってください",
        Quote(text=clause.dates, source=f"{situation.profile.title}（効力の期間）"),
    )


def of_this_form(clause: Clause, situation: Situation) -> Iterator[Failed]:
    """A clause for one form of data is for no other, and no other clause is for that form."""
    form = situation.request.data.form
    special = frozenset[str]().union(*(each.forms for each in situation.profile.clauses))
    if form is not None and (form not in clause.forms if clause.forms else form in special):
        yield Failed(
            "OTHER_FORM",
            f"{clause.reported}は、この形（{form}）のデータについての条文ではありません",
            "データの形に応じた条文によってください",
            clause.quotes[0],
        )


def of_this_number(clause: Clause, situation: Situation) -> Iterator[Failed]:
    """特定個人情報 goes by its own rule."""
    number = situation.request.data.my_number
    barred = {
        "no": number == "yes",
        "use": number == "yes" and situation.kind != "use",
        "only": number == "no",
    }[clause.my_number]
    if barred:
        text = (
            "特定個人情報は、この条文によることができません"
            if number == "yes"
            else "特定個人情報だけについての条文です"
        )
        mend = "番号法の規定によるか、個人番号を除いてください" if number == "yes" else "ほかの条文によってください"
        yield Failed("MY_NUMBER", text, mend, situation.profile.my_number)


def recurrence_allowed(clause: Clause, situation: Situation) -> Iterator[Failed]:
    """Standing use needs a clause that covers it."""
    if situation.value("derived.standing") == "yes" and "恒常" not in clause.recurrence:
        yield Failed(
            "STANDING_USE",
            f"恒常的な利用・提供は{clause.reported}によることができません。目的の特定・変更（61条）が必要です",
            "利用目的を61条1項により特定するか、61条3項の範囲で変更し、その範囲内の利用（69条1項）としてください",
            STANDING,
        )


def may_be_urgent(clause: Clause, situation: Situation) -> Iterator[Failed]:
    """緊急 is a circumstance, not a clause: what goes without an approval for it needs an item that an urgent act fits."""
    if situation.unapproved and not clause.emergency:
        yield Failed(
            "EMERGENCY_CLAUSE",
            f"{clause.reported}は、承認を待てない緊急の行為の根拠になりません{OWN_RULE}",
            "緊急の行為が当てはまる条文か、児童虐待の通告（児童虐待の防止等に関する法律）など、その場合のための法律によってください",
        )


def _demanded(demand: Demand, words: Quote | None, situation: Situation) -> Iterator[Failed]:
    """The demand, where it is asked here and nothing satisfies it."""
    asked = not demand.when or situation.any_holds(demand.when)
    askable = bool(demand.facts or demand.law or demand.heard)
    if not (asked and askable) or _met(demand, situation):
        return
    text = f"次のことが示されていません: {demand.text}{OWN_RULE if demand.own else ''}"
    mend = demand.mend or "認定をした者・日・理由とともに示すか、ほかの根拠によってください"
    spoken = any(situation.value(fact.path) not in SILENT for fact in demand.facts)
    yield Failed(demand.code.upper(), text, mend, words, spoken)


def _met(demand: Demand, situation: Situation) -> bool:
    by_law = demand.law and situation.by_law
    by_hearing = demand.heard is not None and heard(situation, demand.heard)
    return by_law or by_hearing or situation.any_holds(demand.facts)
