"""What the service tells others: never whom it is about, nor why."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.events.reasons import Reason


class Alert(BaseModel):
    """`data` of jp.mimamori.alert.v1: there is a new item in the queue.

    alert:    random handle of the item, and the event's id
    decision: the gate's permit
    entry:    its index in the log
    expires:  when the handle means nothing any more
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    alert: str
    decision: UUID
    entry: int = Field(ge=0)
    expires: AwareDatetime


class DeadLetter(BaseModel):
    """`data` of jp.mimamori.dead-letter.v1: a message was not taken in. Its body stays where it was sent.

    digest: of the message, hexadecimal; keyed, so that nobody can tell what it said
    detail: name of an attribute or column of the contract, or the class of our error; None = none
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    topic: str
    partition: int = Field(ge=0)
    position: int = Field(ge=0)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    reason: Reason
    detail: str | None = None
