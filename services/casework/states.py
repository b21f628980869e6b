"""What people do with an alert, and the state it is in after that."""

from typing import Literal

from schemas.rules.names import Act

State = Literal["new", "confirmed", "watching", "dismissed"]

STATE_AFTER: dict[Act, State] = {"confirm": "confirmed", "watch": "watching", "dismiss": "dismissed"}
STATE_LABELS: dict[State, str] = {
    "new": "新規",
    "confirmed": "一次確認済み",
    "watching": "見守り継続",
    "dismissed": "対象外",
}
ACT_LABELS: dict[Act, str] = {
    "confirm": "一次確認とし、支援の検討に進める",
    "watch": "見守りを続ける",
    "dismiss": "対象外とする",
}
