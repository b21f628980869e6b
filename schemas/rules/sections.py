"""The sections of a rule set. Every number is whole: days, months, runs, per cent, and tenths of a score point.

How the numbers have to stand to one another is asked in `schemas.rules.lint`.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.rules.names import (
    Band,
    Category,
    Nurturing,
    Poverty,
    Rank,
    Scale,
)

Whole = Annotated[int, Field(strict=True)]  # strict: 45.0 is no whole number here, nor is true
Natural = Annotated[int, Field(strict=True, ge=0)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]
Label = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """A part of a rule set: frozen, and no field that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Switches(Section):
    """Readings that a city may turn.

    low_inclusive: True puts a T of exactly `learning.low_cut` into the band below
    dev:           which deviation score goes first, the vendor's ("given") or the one of our own norms ("computed")
    """

    low_inclusive: bool
    dev: Literal["given", "computed"]


class EconomicRules(Section):
    """Economic level of the household.

    hogo_ended_months: 生活保護 counts as ended this many months and less ago (corresponding day included)
    tax_year_month:    from day 1 of this month the tax class of the calendar year of the as-of date is asked
    """

    hogo_ended_months: Natural
    tax_year_month: Month


class NurturingRules(Section):
    """Nurturing level of the child.

    abuse_recent_months: at most this many months ago is N3
    abuse_past_months:   more than the above and at most this many months ago is N2
    checkup_grace_days:  a check-up is missed from the day after this many days past `due_to`
    checkup_kinds:       which kinds of boshi_hoken are check-ups
    follow_up_results:   which results of the latest attended row are 保健指導 継続
    visit_services:      which services of edu_support are 養育支援訪問
    required_feeds:      feed → Japanese label; without any of these, and without a fact, the level is NX
    """

    abuse_recent_months: Natural
    abuse_past_months: Natural
    checkup_grace_days: Natural
    checkup_kinds: tuple[Label, ...]
    follow_up_results: tuple[Label, ...]
    visit_services: tuple[Label, ...]
    required_feeds: dict[str, Label]


class BandRule(Section):
    """One band of T and its rank by class of change.

    below: T under this many tenths belongs here (if to no band before); None in the last band alone
    """

    code: Band
    below: Natural | None = None
    fall: Rank
    decline: Rank
    flat: Rank
    unknown: Rank


class LearningRules(Section):
    """Judgement of learning; T, Δ and cuts in tenths of a deviation score.

    low_cut:           the one cut that `switches.low_inclusive` moves
    survey_age_months: the latest survey is at most this old at the as-of date
    min_subjects:      scored subjects that make a T
    norm_min_n:        scores that make a computed deviation score
    fall_d1, fall_d2:  Δ at or under this is a fall (Δ2 only with Δ1 < 0); decline_d1 likewise
    """

    low_cut: Natural
    survey_age_months: Natural
    min_subjects: Annotated[int, Field(strict=True, ge=1)]
    norm_min_n: Annotated[int, Field(strict=True, ge=1)]
    fall_d1: Annotated[int, Field(strict=True, lt=0)]
    fall_d2: Annotated[int, Field(strict=True, lt=0)]
    decline_d1: Annotated[int, Field(strict=True, lt=0)]
    bands: tuple[BandRule, ...]


class ScaleRule(Section):
    """One questionnaire scale. tie: a scale of ties to people, whose very low value weighs more."""

    code: Scale
    label: Label
    tie: bool


class NoncognitiveRules(Section):
    """Judgement of non-cognitive state; t in tenths, absence in days.

    low, very_low:          t under this is low, very low
    drop_points, drop_below: t fell by at least the one since the year before and is now under the other
    answered_num/_den:      share of a scale's items that must be answered
    norm_min_n:             scores that make a norm; below it the instrument's own norm is asked
    survey_age_months:      the latest survey is at most this old at the as-of date
    valid_scales:           fewer valid scales than this, and no attendance, is X
    absence_months:         whole calendar months looked at
    absence_low_days:       from here absence counts as one more low
    absence_rank3_days:     from here the rank is at least 3
    rank4_low:              this many low give 4; rank4_low_with_tie: this many, a tie scale being very low
    rank3_low:              this many low give 3; or rank3_low_with_drops low together with rank3_drops drops
    rank2_low, rank2_drops: either gives 2
    """

    low: Natural
    very_low: Natural
    drop_points: Annotated[int, Field(strict=True, ge=1)]
    drop_below: Natural
    answered_num: Natural
    answered_den: Annotated[int, Field(strict=True, ge=1)]
    norm_min_n: Annotated[int, Field(strict=True, ge=1)]
    survey_age_months: Natural
    valid_scales: Natural
    absence_months: Annotated[int, Field(strict=True, ge=1)]
    absence_low_days: Natural
    absence_rank3_days: Natural
    rank4_low: Natural
    rank4_low_with_tie: Natural
    rank3_low: Natural
    rank3_low_with_drops: Natural
    rank3_drops: Natural
    rank2_low: Natural
    rank2_drops: Natural
    scales: tuple[ScaleRule, ...]


class Override(Section):
    """A child of this nurturing level gets at least this category, whatever the school data say."""

    nurturing: Nurturing
    at_least: Category


class Hysteresis(Section):
    """lower_runs: consecutive lower runs that a downgrade takes; 1 = every run stands for itself."""

    lower_runs: Literal[1, 2]


class Guard(Section):
    """A run is held if more than `percent` of the in-scope pupils (P1–J3) are in `categories`."""

    percent: Percent
    categories: tuple[Category, ...]


class Calibration(Section):
    """A warning if the share of `ranks` among all children in scope is outside the two ends (both still good)."""

    low_percent: Percent
    high_percent: Percent
    ranks: tuple[Poverty, ...]
