"""What surveys say of every pupil, against norms: the one stage of a judgement that looks at more than a household."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from models.judgement.facts import Facts
from models.judgement.learning.scores import Scores, subject_scores
from models.judgement.noncognitive.scales import Scales, standardised_scales
from schemas.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Scores and scales of pupils, in scope or not."""

    scores: Scores
    scales: Scales

    @property
    def norms(self) -> pl.DataFrame:
        """The norm set, as models.judgement.norms.NORMS_SCHEMA; in an order that rows' order cannot change."""
        return pl.concat([self.scores.norms, self.scales.norms])

    @property
    def warnings(self) -> dict[str, int]:
        """Code → how many."""
        two_scores = {"two_scores": self.scores.two_scores} if self.scores.two_scores else {}
        return two_scores | dict(self.scales.warnings)


def survey(facts: Facts, *, as_of: date, rules: RuleSet, norms: pl.DataFrame | None = None) -> Surveyed:
    """Score every pupil's surveys up to `as_of`.

    norms: the norm set to stand against; None = the one of these very facts, which are then the whole city's. Given the
           city's, any pupils alone get the scores that they get among all.
    """
    return Surveyed(
        scores=subject_scores(facts, as_of=as_of, rules=rules, norms=norms),
        scales=standardised_scales(facts, as_of=as_of, rules=rules.noncognitive, norms=norms),
    )
