"""The bench's work by the judgement kernel itself: scope, judgements 1 and 2 with their reasons, date by date."""

from collections.abc import Iterator, Sequence

from infra.bench.judgement_city import Frames
from infra.bench.judgement_day import Answer, Asked
from models.judgement import reasons
from models.judgement.facts import Facts
from models.judgement.learning import judge_learning
from models.judgement.learning.scores import subject_scores
from models.judgement.poverty.judge import judge_poverty
from models.judgement.scope import scope_at
from schemas.rules import RuleSet


def prepare(frames: Frames) -> Facts:
    """The frames as they are read."""
    return Facts(frames)


def work(facts: Facts, days: Sequence[Asked], rules: RuleSet) -> Iterator[Answer]:
    """One answer a date."""
    for day in days:
        scope = scope_at(facts, day.as_of)
        scores = subject_scores(facts, as_of=day.as_of, rules=rules)
        poverty = judge_poverty(facts, scope, as_of=day.as_of, rules=rules)
        learning = judge_learning(scores, scope, as_of=day.as_of, rules=rules)
        ranks = poverty.frame.join(learning.frame, on="person")
        yield Answer(ranks, reasons.merge([poverty.reasons, learning.reasons]))


def answer_of(found: Answer) -> Answer:
    """As it is found."""
    return found
