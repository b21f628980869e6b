"""Conditions that the clause sets, and the product's own: the clause is known and in force, what it asks was shown, and the
council was heard before the act and was not against it."""

from collections.abc import Callable, Iterator

from models.legality.case import Case
from models.legality.verdict import OWN_RULE, Code, Condition
from schemas.records.approval import Opinion

EMERGENCY = "emergency"  # code of the demand that an act's own written reason answers
OTHER_LAW = "児童虐待の通告（児童虐待の防止等に関する法律6条、児童福祉法25条）など、法令の定める手続によってください"


def clause_known(case: Case) -> Iterator[Condition]:
    """The words of every clause named are held; nothing is permitted under words nobody has read."""
    held = {clause.id for clause in case.clauses}
    unknown = [clause_id for clause_id in case.clause_ids if clause_id not in held]
    if unknown:
        yield Condition(
            Code.CLAUSE_UNKNOWN,
            f"条文未収録: {'、'.join(unknown)}",
            "条文の原文と出典を法令プロファイルに収録してください",
        )


def clause_in_force(case: Case) -> Iterator[Condition]:
    """Every clause named is in force on the day of the act."""
    outside = [clause for clause in case.clauses if not clause.covers(case.today)]
    if outside and case.profile is not None:
        ended = any(clause.valid_from <= case.today for clause in outside)
        after = case.profile.succeeded_by
        yield Condition(
            Code.CLAUSE_EXPIRED,
            f"{'、'.join(c.id for c in outside)}は行為の日（{case.today}）に効力がありません（{'失効' if ended else '施行前'}）",
            f"この日の行為には法令プロファイル「{after}」が適用されます"
            if ended and after
            else "効力のある条文に基づく承認を受けてください",
        )


def clause_complete(case: Case) -> Iterator[Condition]:
    """A clause that allows nothing by itself has the ones beside it that it needs."""
    absent = {other for clause in case.clauses for other in clause.together_with} - set(case.clause_ids)
    if absent:
        yield Condition(
            Code.CLAUSE_INCOMPLETE,
            f"{case.document.clause}だけでは根拠になりません。併せて{'、'.join(sorted(absent))}が必要です",
            "併せて必要な条文を承認に加えてください",
        )


def findings_made(case: Case) -> Iterator[Condition]:
    """What the clauses ask to be shown was found, by the day of the act. The gate derives no finding."""
    answers = {finding.code: finding.answer for finding in case.document.findings if finding.on <= case.today}
    # no standing finding says that something cannot wait: the act's own written reason does
    answers.pop(EMERGENCY, None)
    if case.request.emergency is not None and case.request.emergency.strip():
        answers[EMERGENCY] = "yes"
    lacking = {
        f"{demand.text}{OWN_RULE if demand.own else ''}": None
        for clause in case.clauses
        for demand in clause.demands
        if demand.answers and answers.get(demand.code) not in demand.answers
    }
    if lacking:
        yield Condition(
            Code.FINDING_MISSING,
            f"認定が示されていないか、条文を満たしません: {'、'.join(lacking)}",
            "認定をした機関・日・理由を承認書に記してください",
        )


def emergency_allowed(case: Case) -> Iterator[Condition]:
    """緊急 is a circumstance, not a clause: the approval is one for emergencies, and its clause one that an urgent act fits."""
    urgent = case.request.emergency is not None
    if urgent and not case.document.emergency:
        yield Condition(
            Code.EMERGENCY_NOT_COVERED, "緊急時の行為を認める承認がありません", f"緊急時の承認を受けるか、{OTHER_LAW}"
        )
    if case.document.emergency and not urgent:
        yield Condition(
            Code.EMERGENCY_ONLY,
            "この承認は緊急時の行為だけを認めています",
            "通常の行為を認める承認によるか、緊急の理由を記してください",
        )
    first = case.clauses[:1]
    if urgent and first and not first[0].emergency:
        yield Condition(Code.EMERGENCY_CLAUSE, f"{first[0].id}は緊急時の行為の根拠になりません", OTHER_LAW)


def recurrence_allowed(case: Case) -> Iterator[Condition]:
    """A standing use needs a clause that covers standing use: 69条2項 covers the occasional alone."""
    occasional = [clause.id for clause in case.clauses if "恒常" not in clause.recurrence]
    if case.standing and occasional:
        yield Condition(
            Code.STANDING_USE,
            f"恒常的な利用・提供は{'、'.join(occasional)}によることができません。目的の特定・変更（61条）が必要です",
            "利用目的を61条1項により特定するか、61条3項の範囲で変更し、その範囲内の利用（69条1項）としてください",
        )


def heard_on_persons(case: Case) -> Iterator[Condition]:
    """The clause's own: the body was heard, before the act, on who the persons are."""
    wanted = any(clause.heard_on == "persons" for clause in case.clauses)
    if wanted and not _heard_on("persons", case):
        yield Condition(
            Code.COUNCIL_NOT_HEARD_ON_PERSONS,
            "対象者の範囲について、行為の前に附属機関の意見を聴いていません（条文の定め）",
            "対象者の範囲を諮問し、答申を記録（hear）してください",
        )


def heard_on_processing(case: Case) -> Iterator[Condition]:
    """The product's own: the council was heard, before the act, on the processing."""
    if not _heard_on("processing", case):
        yield Condition(
            Code.COUNCIL_NOT_HEARD,
            f"この処理について、行為の前に審議会の意見を聴いていません{OWN_RULE}",
            "処理の内容を諮問し、答申を記録（hear）してください",
        )


def not_against(case: Case) -> Iterator[Condition]:
    """The product's own: the answer was not against it."""
    council = case.approval.council
    if council is not None and council.opinion is Opinion.ADVERSE:
        yield Condition(
            Code.COUNCIL_AGAINST,
            f"審議会の答申が反対です{OWN_RULE}",
            "内容を改めた版を起案し、改めて諮問してください",
        )


def heard_by_another(case: Case) -> Iterator[Condition]:
    """The one who records the opinion neither drafted nor submitted."""
    approval = case.approval
    if approval.heard_by is not None and approval.heard_by in (approval.drafted_by, approval.submitted_by):
        yield Condition(
            Code.HEARD_BY_DRAFTER,
            "起案・諮問した者が答申を記録しています",
            "起案・諮問をしていない者が答申を記録（hear）してください",
        )


def _heard_on(subject: str, case: Case) -> bool:
    council = case.approval.council
    return council is not None and subject in council.subjects and council.opinion_on <= case.today


LAW_CONDITIONS: tuple[Callable[[Case], Iterator[Condition]], ...] = (
    clause_known,
    clause_in_force,
    clause_complete,
    findings_made,
    emergency_allowed,
    recurrence_allowed,
    heard_on_persons,
    heard_on_processing,
    not_against,
    heard_by_another,
)
