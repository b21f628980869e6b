"""The bench's work by the judgement kernel itself: scope, judgements 1 and 2 with their reasons, date by date and part by part."""

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

CHILDREN_A_PART = 200_000  # households are independent; each part looks at all rows once, so parts are large


def prepare(frames: Frames) -> Facts:
    """The frames as they are read."""
    return Facts(frames)


def work(facts: Facts, days: Sequence[Asked], rules: RuleSet) -> Iterator[Answer]:
    """One answer a date and part."""
    for day in days:
        scope = scope_at(facts, day.as_of)
        scores = subject_scores(facts, as_of=day.as_of, rules=rules)
        parts = -(-scope.children.height // CHILDREN_A_PART)
        for number in range(parts):
            part = scope.part(number, of=parts)
            poverty = judge_poverty(facts, part, as_of=day.as_of, rules=rules)
            learning = judge_learning(scores, part, as_of=day.as_of, rules=rules)
            ranks = poverty.frame.join(learning.frame, on="person")
            yield Answer(ranks, reasons.merge([poverty.reasons, learning.reasons]))


def answer_of(found: Answer) -> Answer:
    """As it is found."""
    return found
