"""One condition over the facts of a hypothetical request, as a profile writes it (vocabulary: `models/legality/profiles/README.md`)."""

from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, Field, field_validator, model_validator

from schemas.records.explain import ExplainRequest

DERIVED = {  # what the engine works out of the facts, by path; each value as text
    "derived.kind": "use (inside) or provision (outside), by the recipient and the profile's between_bodies",
    "derived.within": "yes where the act lies within the registered purpose, or that was changed to it beforehand; else aim.within",
    "derived.standing": "yes where a second run is allowed, a schedule starts it, or it is called 恒常; else no",
    "derived.receiver": "the recipient's kind where that makes it a provision, else inside",
    "derived.registered": "yes where the register holds a purpose that the act lies within; else no",
}


class Part(BaseModel, frozen=True, extra="forbid"):
    """A part of a profile: fixed once read, nothing unknown in it."""


class Fact(Part):
    """One comparison. A fact that is not stated (null, empty, left out) never holds.

    path:      `group.key` of the request (grounds.reason, extra.notify), `date`, `act`, or one of `DERIVED`
    any:       holds where the value is one of these; of a list, where one of its members is
    contains:  holds where the value's text contains one of these
    at_most:   holds where the value is a number not above it
    stated:    holds where anything is stated
    """

    path: str
    any: frozenset[str] = frozenset()
    contains: frozenset[str] = frozenset()
    at_most: int | None = None
    stated: Literal[True] | None = None

    @field_validator("path")
    @classmethod
    def _known(cls, path: str) -> str:
        if path not in DERIVED and not _is_fact(path):
            raise ValueError(f"{path} is no fact of a request")
        return path

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if sum((bool(self.any), bool(self.contains), self.at_most is not None, bool(self.stated))) != 1:
            raise ValueError(f"{self.path}: exactly one of any, contains, at_most, stated")
        if foreign := self.any - _values(self.path):
            raise ValueError(f"{self.path} never is {'、'.join(sorted(foreign))}")
        return self

    def holds(self, value: Any) -> bool:
        """Whether a value of the request at `path` is what is asked; None and empty never are."""
        if value in (None, "", ()):
            return False
        if self.at_most is not None:
            return isinstance(value, int) and value <= self.at_most
        texts = [str(each) for each in (value if isinstance(value, tuple) else (value,))]
        if self.any:
            return not self.any.isdisjoint(texts)
        if self.contains:
            return any(word in text for word in self.contains for text in texts)
        return True


class Heard(Part):
    """A body heard before the act: by the day of the act it gave its opinion on these things.

    bodies:  the body's name contains one of these words
    on:      persons: on who the persons are; processing: on purposes, persons, items and recipients
    """

    bodies: frozenset[str] = Field(min_length=1)
    on: Literal["persons", "processing"]


def _is_fact(path: str) -> bool:
    group, _, key = path.partition(".")
    field = ExplainRequest.model_fields.get(group)
    if field is None:
        return False
    inner = field.annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return key in inner.model_fields
    return not key


def _values(path: str) -> frozenset[str]:
    """Every value that the schema allows there, or of `any` whatever it says where the schema leaves it open."""
    return _Everything() if (closed := _closed(path)) is None else closed


class _Everything(frozenset[str]):
    """Holds every text."""

    def __rsub__(self, other: Any) -> frozenset[str]:
        return frozenset()


def _closed(path: str) -> frozenset[str] | None:
    """The words of a Literal, or None where the field takes any text."""
    if path in DERIVED:
        return None
    group, _, key = path.partition(".")
    fields = ExplainRequest.model_fields
    inner = fields[group].annotation
    if key and isinstance(inner, type) and issubclass(inner, BaseModel):
        annotation: Any = inner.model_fields[key].annotation
    else:
        annotation = fields[group].annotation
    words = [word for option in get_args(annotation) or (annotation,) for word in _words(option)]
    return frozenset(words) or None


def _words(option: Any) -> tuple[str, ...]:
    """The words of Literal[...], also inside Annotated."""
    for each in (option, *get_args(option)[:1]):
        found = get_args(each)
        if found and all(isinstance(word, str) for word in found):
            return found
    return ()
