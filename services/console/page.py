"""Pages out of Jinja templates, with the style sheet in them: one answer, nothing to fetch besides."""

import hashlib
from base64 import b64encode
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from schemas.feeds.registry import FEEDS
from services.casework.states import PROVISIONAL_LABELS, STATE_LABELS
from services.platform.settings import JAPAN


def _template(name: str) -> str:
    return (resources.files("services.console") / "templates" / name).read_text("utf-8")


STYLE = _template("style.css")
STYLE_HASH = "sha256-" + b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()  # what the policy lets in


def render(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """One page. context: whatever the template names; a missing name is an error."""
    return HTMLResponse(_environment().get_template(template).render(context), status)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"style": Markup(STYLE), "state_labels": STATE_LABELS, "provisional_labels": PROVISIONAL_LABELS}
    made.filters |= {"day": _day, "moment": _moment, "feed": _feed}
    return made


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    local = moment.astimezone(JAPAN)
    return f"{_day(local.date())} {local:%H:%M}"


def _feed(name: str) -> str:
    """The feed's Japanese title; its name where it has no contract."""
    return FEEDS[name].row.FEED.title if name in FEEDS else name
