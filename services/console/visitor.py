"""Who is there: the session's cookie, asked again at the register on every request, and the token of its forms."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request

from schemas.errors import MimamoriError, UsageError
from services.casework.tickets import visitor
from services.gate.people import Member

COOKIE = "mimamori_session"


class NobodyThereError(MimamoriError):
    """この画面を開くには、職員ごとの一度だけ使えるリンクが必要です。"""


class ForgedFormError(UsageError):
    """この画面から送られたものではないため、受け付けませんでした。もう一度画面を開いてやり直してください。"""


@dataclass(frozen=True)
class Visitor:
    """A caseworker at the page. form_token: what every form of this session has to bring along."""

    member: Member
    session: str
    form_token: str


def who(request: Request) -> Visitor:
    """The visitor; raises NobodyThereError without a session that still runs."""
    session = request.cookies.get(COOKIE)
    member = visitor(request.app.state.database, session) if session else None
    if session is None or member is None:
        raise NobodyThereError
    return Visitor(member, session, hashlib.sha256(b"form " + session.encode()).hexdigest())


def who_sends(visitor: Annotated[Visitor, Depends(who)], token: Annotated[str, Form()] = "") -> Visitor:
    """The visitor who sent a form; raises ForgedFormError where the form is not of this session."""
    if not hmac.compare_digest(token.encode(), visitor.form_token.encode()):
        raise ForgedFormError
    return visitor


Present = Annotated[Visitor, Depends(who)]
Sending = Annotated[Visitor, Depends(who_sends)]
