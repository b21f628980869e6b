"""What the gate would answer to a hypothetical request. Every condition is asked, and every item of the profile is tried."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.legality.explain import urgency
from models.legality.explain.answer import Explained, Failed, Item
from models.legality.explain.conditions import REQUEST_CONDITIONS
from models.legality.explain.items import items
from models.legality.explain.path import path
from models.legality.explain.situation import History, Situation
from models.legality.explain.statistics import STATISTICS
from models.legality.explain.which import choose
from models.legality.profile import Clause, Duty, Profile
from models.legality.view import ApprovalView
from schemas.records.explain import ExplainRequest

NOTHING_DONE = History()


def explain(
    request: ExplainRequest,
    profiles: Mapping[str, Profile],
    approvals: Iterable[ApprovalView] = (),
    history: History = NOTHING_DONE,
) -> Explained:
    """Decide one hypothetical act.

    approvals:  all versions that are held; looked at only where the request names one by id
    history:    what was done under them up to the day of the act
    """
    chosen = choose(request, profiles)
    if chosen.profile is None:
        return Explained(None, (), chosen.failed, (), (), (), ())
    situation = Situation(request, chosen.profile, _named(request, approvals), history)
    tried = tuple(items(situation))
    target = _decided(situation, tried)
    own = [*chosen.failed, *(each for ask in REQUEST_CONDITIONS for each in ask(situation))]
    failed = _once((*own, *target.failed))
    return Explained(
        profile=chosen.profile.id,
        clauses=target.clauses,
        failed=failed,
        duties=() if failed else tuple(_duties(situation, target)),
        path=path(situation, own, tried, target.item),
        items=tried,
        fits=tuple(_fitting(situation, tried, target)) if failed else (),
    )


def _once(failed: Iterable[Failed]) -> tuple[Failed, ...]:
    """Each condition once, as it was first told: the approval and several clauses may ask the same."""
    found: dict[str, Failed] = {}
    for each in failed:
        found.setdefault(each.code, each)
    return tuple(found.values())


@dataclass(frozen=True)
class _Target:
    """What the act is decided on: an item with the clauses it needs beside it, or None where the one claimed is not held."""

    item: Item | None
    held: tuple[Clause, ...]
    failed: tuple[Failed, ...]

    @property
    def clauses(self) -> tuple[str, ...]:
        return tuple(clause.reported for clause in self.held)


def _named(request: ExplainRequest, approvals: Iterable[ApprovalView]) -> ApprovalView | None:
    """The approval of that id: the version in force on the day before the others, the latest first."""
    found = [view for view in approvals if view.document.id == request.approval]

    def rank(view: ApprovalView) -> tuple[bool, int]:
        return request.date is not None and view.in_force(request.date), view.document.version

    return max(found, key=rank, default=None)


def _decided(situation: Situation, tried: Sequence[Item]) -> _Target:
    """The item that is claimed; without a claim the first that fits, else the nearest of those the flow comes to."""
    claimed = _claimed(situation)
    targets = [_target(item, situation.profile) for item in tried]
    if claimed is not None:
        about = [each for each in targets if any(_is(claimed, clause, situation.profile) for clause in each.held[:1])]
    else:
        about = [each for each in targets if _comes_to(each, situation)] or targets
    if not about:
        return _Target(None, (), (_not_held(str(claimed), situation.profile),))
    return min(about, key=_distance)


def _distance(target: _Target) -> tuple[int, int]:
    """How far from a permit: what the request does not even speak of counts first."""
    return sum(not each.spoken for each in target.failed), len(target.failed)


def _target(item: Item, profile: Profile) -> _Target:
    """The item with those that must be named beside it."""
    clause = profile.clause(item.clause)
    if clause is None:
        return _Target(item, (), item.failed)
    beside = [other for name in clause.together_with if (other := profile.clause(name)) is not None]
    return _Target(item, (clause, *beside), item.failed)


def _claimed(situation: Situation) -> str | None:
    """The clause that the approval names, or that the request says it rests on."""
    if situation.approval is not None:
        return situation.approval.document.clause
    if situation.request.extra.clause_claimed:
        return situation.request.extra.clause_claimed
    return _edition(situation)


def _edition(situation: Situation) -> str | None:
    """The clause of an edition that is named by number, where the profile has editions."""
    named = situation.request.extra.edition
    later = [clause for clause in situation.profile.clauses if clause.edition_of]
    if named is None or not later:
        return None
    order = [later[0].edition_of, *(clause.id for clause in later)]
    number = {"1": 0, "first": 0, "第1版": 0, "2": 1, "second": 1, "第2版": 1}.get(named)
    return named if number is None else order[number]


def _is(claimed: str, clause: Clause, profile: Profile) -> bool:
    """Whether that is the clause's id, as the profile writes it or with the profile's own id before the stroke."""
    prefix, _, tail = claimed.partition("/")
    same_profile = profile.id == prefix or profile.id.startswith(prefix + "-")
    return any(
        claimed == name or (same_profile and tail == name.partition("/")[2]) for name in (clause.id, clause.reported)
    )


def _comes_to(target: _Target, situation: Situation) -> bool:
    """Whether the flow comes to this item: what is met, and of the rest what the facts speak of."""
    if not target.failed or not target.held:
        return True
    grounds, within = situation.request.grounds, situation.value("derived.within") == "yes"
    questions: dict[str, bool] = {
        "within": within,
        "law": grounds.law_kind not in (None, "none"),
        "consent": grounds.consent not in (None, "none", "not-sought"),
        "exception": not within,
    }
    return questions[target.held[0].question]


def _not_held(claimed: str, profile: Profile) -> Failed:
    return Failed(
        "CLAUSE_UNKNOWN",
        f"条文未収録: {claimed}は「{profile.title}」の収録した条文にありません",
        "条文の原文と出典を法令プロファイルに収録するか、収録された条文によってください",
    )


def _fitting(situation: Situation, tried: Sequence[Item], decided: _Target) -> Iterator[str]:
    """The other items whose conditions are all met."""
    found = (_target(item, situation.profile) for item in tried if not item.failed and item != decided.item)
    yield from dict.fromkeys(each.clauses[0] if each.clauses else STATISTICS for each in found)


def _duties(situation: Situation, target: _Target) -> Iterator[Duty]:
    for clause in target.held:
        yield from (duty for duty in clause.duties if not duty.when or situation.any_holds(duty.when))
    if situation.emergency:
        yield from urgency.DUTIES
