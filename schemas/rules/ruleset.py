"""A rule set: all that a city can decide about the judgements, as one frozen value with a version and a digest."""

import hashlib
from typing import Annotated, Self

import rfc8785
from pydantic import Field, model_validator

from schemas.rules.card import Card
from schemas.rules.lint import faults
from schemas.rules.names import Act, Category, Economic, Nurturing, Poverty, Rank
from schemas.rules.sections import (
    Calibration,
    EconomicRules,
    Guard,
    Hysteresis,
    Label,
    LearningRules,
    Natural,
    NoncognitiveRules,
    NurturingRules,
    Override,
    Section,
    Switches,
)


class RuleSet(Section):
    """What the council heard. Any change of an answer needs a new `version`; `digest` names the exact content.

    card:       None while it is only tried; without one it cannot be adopted
    poverty:    economic × nurturing level → rank
    w:          learning × non-cognitive rank → w
    matrix:     poverty rank × w → category
    heights:    category → height, greater = more support; order of hysteresis and override
    data_check: poverty ranks whose whole row asks for a look at the data
    queue:      act → reason code → Japanese label
    sentences:  template key → Japanese sentence
    """

    version: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
    title: Label
    card: Card | None = None
    switches: Switches
    economic: EconomicRules
    nurturing: NurturingRules
    poverty: dict[Economic, dict[Nurturing, Poverty]]
    learning: LearningRules
    noncognitive: NoncognitiveRules
    w: dict[Rank, dict[Rank, Rank]]
    matrix: dict[Poverty, dict[Rank, Category]]
    data_check: tuple[Poverty, ...]
    heights: dict[Category, Natural]
    override: Override
    hysteresis: Hysteresis
    guard: Guard
    calibration: Calibration
    queue: dict[Act, dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], Label]]
    sentences: dict[str, Label]

    @model_validator(mode="after")
    def _has_no_fault(self) -> Self:
        found = list(faults(self.model_dump(mode="json")))
        if found:
            raise ValueError(" / ".join(map(str, found)))
        return self

    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of the content: spacing, order and comments of the file do not count."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()
