"""What every contract is: a pydantic model of a row, and what is known of the feed as a whole."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, create_model, model_validator

from schemas.feeds.column import About, System, plain
from schemas.feeds.kinds import Day, Kind, Text, Timestamp, code, refuse
from schemas.feeds.profile import Mode
from schemas.feeds.rule import Context, DateGiven, NotAfterLoad, Precision, Rule

PRECISIONS = ("day", "month", "year", "unknown")
OPERATIONS = ("I", "U", "D")


@dataclass(frozen=True)
class Feed:
    """What is known of a feed as a whole.

    name:    of the feed, its canonical file and its table in `facts`
    title:   in Japanese
    office:  who holds it
    grain:   what one row is
    mode:    what the office usually hands over (a profile says what a file is)
    number:  in the list of canonical feeds; None for a reference file
    key:     of a reference file: of rows with the same key the newest counts
    persons: codes of the classes of persons whose data the rows are, as approvals name them
    ties:    judging may settle a tie of its rows by the greater source_record_id (reading 25), so its rank is kept
    awaited: a run that finds no batch of it says that it is missing (reading 5)
    rules:   over several columns, besides those of every feed
    """

    name: str
    title: str
    office: str
    grain: str
    mode: Mode = Mode.SNAPSHOT
    number: int | None = None
    key: tuple[str, ...] = ()
    persons: tuple[str, ...] = ("pupils",)
    ties: bool = False
    awaited: bool = True
    rules: tuple[Rule, ...] = ()


class ReferenceRow(BaseModel):
    """A row of a reference file: no common columns, known at every T."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    FEED: ClassVar[Feed]


class FeedRow(ReferenceRow):
    """A row of a feed: the common columns. A fact is (feed, source_system, source_record_id); every row is a full image."""

    source_system: Annotated[str, Text(60), plain("元のシステム")]
    source_record_id: Annotated[str, Text(200), plain("元のシステムでのレコードの番号")]
    op: Annotated[str, code(*OPERATIONS), plain("I 追加、U 変更、D 取消（なかったものとする）")]
    event_time: Annotated[Any, Timestamp(), plain("元のシステムが記録した日時")]
    effective_from: Annotated[Any, Day(), plain("有効期間の初日")]
    effective_to: Annotated[Any | None, Day(), plain("有効期間の末日（その日を含む）", "終わりが決まっていない")] = None
    legal_basis_id: Annotated[str, Text(60), plain("根拠台帳の番号")]
    batch_id: Annotated[str, Text(100), plain("元のシステムの出力回の番号")]


class CanonicalRow(BaseModel):
    """Base of the models of canonical rows: texts in, values out, the feed's rules asked at the end.

    Validate with `context=Context(…)` (without it nothing lies in the future, and no mark is above a maximum); an error's
    type is the rule's code, its message how to mend it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    RULES: ClassVar[tuple[Rule, ...]] = ()

    @model_validator(mode="after")
    def _rules_hold(self, info: ValidationInfo) -> Self:
        context: Context = info.context or Context(now=datetime.max.replace(tzinfo=UTC))
        for rule in self.RULES:
            if not rule.holds(self.__dict__, context):
                raise refuse(rule.code)
        return self


@dataclass(frozen=True)
class Column:
    """One column of a file in canonical form.

    fact:      its name in facts.FEED
    nullable:  the field may be empty, and the column absent
    of:        the date whose raw text or precision this is; None for any other
    """

    name: str
    kind: Kind
    about: About
    nullable: bool
    common: bool
    of: str | None = None

    @property
    def fact(self) -> str:
        """Name in the facts store: a number is named by the role of the person, household or case that it keys."""
        if self.of:
            return _fact_name(self.of, Day()) + self.name.removeprefix(self.of)
        if self.about.system:
            return _key_name(self.name)
        return _fact_name(self.name, self.kind)


def _key_name(name: str) -> str:
    if name == "co_applicants":
        return "co_applicant_keys"
    if name in ("atena_no", "pupil_no", "sourced_id", "setai_no", "case_no"):
        return {"atena_no": "person"}.get(name, name.rsplit("_", 1)[0]) + "_key"
    return name.removesuffix("_atena_no") + "_key"


def _fact_name(name: str, kind: Kind) -> str:
    if name in ("from", "to", "start", "end"):
        return name + ("_date" if isinstance(kind, Day) else "_month")
    return "source_batch_id" if name == "batch_id" else name


@dataclass(frozen=True)
class Contract:
    """One feed's contract, read off its model."""

    row: type[ReferenceRow]

    @property
    def feed(self) -> str:
        """Name of the feed, and of its table in `facts`."""
        return self.row.FEED.name

    @property
    def key(self) -> tuple[str, ...]:
        """Of a reference file: the columns of which the newest row counts; empty for a feed."""
        return self.row.FEED.key

    @property
    def ties(self) -> bool:
        """Whether judging may ask for the rank of source_record_id."""
        return self.row.FEED.ties

    @property
    def awaited(self) -> bool:
        """Whether a run without a batch of it lists it as missing."""
        return self.row.FEED.awaited and not self.reference

    @property
    def reference(self) -> bool:
        """A reference file: no common columns, no minimisation by person, known at every T."""
        return not issubclass(self.row, FeedRow)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns, common ones first; a date's raw text and precision follow it."""
        common = set() if self.reference else set(FeedRow.model_fields)
        found: list[Column] = []
        for field, info in self.row.model_fields.items():
            name = info.alias or field
            kind = next(item for item in info.metadata if isinstance(item, Kind))
            about = next(item for item in info.metadata if isinstance(item, About))
            column = Column(name, kind, about, not info.is_required(), field in common)
            found += [column, *beside(column)] if isinstance(kind, Day) else [column]
        return tuple(found)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by their name in the file."""
        return {column.name: column for column in self.columns}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Rules over several columns in the order in which they are asked."""
        return _all_rules(self)

    @cached_property
    def model(self) -> type[CanonicalRow]:
        """The model of a canonical row by column name: the contract's own with raw text and precision beside each date."""
        fields: dict[str, Any] = {column.name: _field(column) for column in self.columns}
        model = create_model(self.row.__name__, __base__=CanonicalRow, __doc__=self.row.__doc__, **fields)
        model.RULES = self.rules
        return model

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems of numbers that the feed's columns hold."""
        return tuple(dict.fromkeys(column.about.system for column in self.columns if column.about.system))


def beside(day: Column) -> tuple[Column, Column]:
    """The two columns beside a date."""
    about = About(f"{day.about.text}の元の文字列", "値と同じ", sensitivity=day.about.sensitivity, key=day.about.key)
    raw = Column(f"{day.name}_raw", Text(100), about, True, day.common, day.name)
    about = About(f"{day.about.text}の精度", "日まで分かる", sensitivity=day.about.sensitivity, key=day.about.key)
    return raw, Column(f"{day.name}_precision", code(*PRECISIONS), about, True, day.common, day.name)


def _field(column: Column) -> tuple[Any, Any]:
    if column.nullable or isinstance(column.kind, Day):
        return (Annotated[Any, column.kind] | None, None)
    return (Annotated[Any, column.kind], ...)


def _all_rules(contract: Contract) -> tuple[Rule, ...]:
    days = [column for column in contract.columns if isinstance(column.kind, Day)]
    given = [DateGiven(day.name) for day in days if not day.nullable]
    precise = [Precision(day.name) for day in days]
    time = [] if contract.reference else [NotAfterLoad("event_time")]
    return (*given, *precise, *time, *contract.row.FEED.rules)
