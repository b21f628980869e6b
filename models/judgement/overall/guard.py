"""Whether a run waits for two persons, and whether its shares look like a rule set that fits (reading 19)."""

from dataclasses import dataclass

import polars as pl

from schemas.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` children; whole may be 0."""

    part: int
    whole: int

    def exceeds(self, percent: int) -> bool:
        """More than so many per cent, by whole numbers."""
        return self.part * 100 > percent * self.whole

    def falls_short_of(self, percent: int) -> bool:
        """Less than so many per cent, by whole numbers."""
        return self.part * 100 < percent * self.whole


def guarded(judged: pl.DataFrame, rules: RuleSet) -> Share:
    """Pupils (P1–J3) in the guarded categories, after hysteresis, of all in-scope pupils: needs pupil, category."""
    in_guarded = pl.col("pupil") & pl.col("category").is_in(rules.guard.categories)
    return Share(*judged.select(in_guarded.sum().alias("part"), pl.col("pupil").sum()).row(0))


def environment_factor(judged: pl.DataFrame, rules: RuleSet) -> Share:
    """Children with 環境因子 (poverty ranks A to C) of all children in scope."""
    return Share(judged.filter(pl.col("poverty").is_in(rules.calibration.ranks)).height, judged.height)


def is_uncalibrated(share: Share, rules: RuleSet) -> bool:
    """True if the share is outside the two ends; never for an empty city."""
    ends = rules.calibration
    return share.exceeds(ends.high_percent) or share.falls_short_of(ends.low_percent)
