"""A rule set: all that a city can decide about the judgements, as one frozen value with a version and a digest."""

import hashlib
import string
from collections.abc import Collection, Mapping
from typing import Annotated, Self, TypeVar

import rfc8785
from pydantic import Field, model_validator

from schemas.rules.card import Card
from schemas.rules.names import (
    ACTS,
    CATEGORIES,
    ECONOMIC,
    NURTURING,
    POVERTY,
    RANKS,
    TEMPLATE_PARAMETERS,
    Act,
    Category,
    Economic,
    Nurturing,
    Poverty,
    Rank,
)
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

Row = TypeVar("Row", bound=str)


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
    def _tables_have_every_cell(self) -> Self:
        _require_cells("poverty", self.poverty, ECONOMIC, NURTURING)
        _require_cells("w", self.w, RANKS, RANKS)
        _require_cells("matrix", self.matrix, POVERTY, RANKS)
        _require_keys("heights", self.heights, CATEGORIES)
        _require_keys("queue", self.queue, ACTS)
        for act, codes in self.queue.items():
            if not codes:
                raise ValueError(f"queue.{act} に理由コードがありません")
        return self

    @model_validator(mode="after")
    def _sentences_fit_their_reasons(self) -> Self:
        _require_keys("sentences", self.sentences, tuple(TEMPLATE_PARAMETERS))
        for key, template in self.sentences.items():
            unknown = _parameters(key, template) - TEMPLATE_PARAMETERS[key]
            if unknown:
                raise ValueError(f"sentences.{key} にないパラメーターです: {', '.join(sorted(unknown))}")
        return self

    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of the content: spacing, order and comments of the file do not count."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def _require_keys(name: str, table: Collection[str], keys: tuple[str, ...]) -> None:
    missing = [key for key in keys if key not in table]
    unknown = [key for key in table if key not in keys]
    if missing or unknown:
        raise ValueError(f"{name}: 足りない {', '.join(missing) or 'なし'}、余分 {', '.join(unknown) or 'なし'}")


def _require_cells(
    name: str, table: Mapping[Row, Collection[str]], rows: tuple[Row, ...], columns: tuple[str, ...]
) -> None:
    _require_keys(name, table, rows)
    for row in rows:
        _require_keys(f"{name}.{row}", table[row], columns)


def _parameters(key: str, template: str) -> set[str]:
    """The names between braces. A format or an index on one is refused: it would render unlike the others."""
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(template)]
    except ValueError as error:
        raise ValueError(f"sentences.{key} の括弧が合いません") from error
    if any(spec or conversion for _, spec, conversion in fields):
        raise ValueError(f"sentences.{key} のパラメーターに書式は付けられません")
    return {name for name, _, _ in fields if name is not None}
