"""What people do with an alert, and the state it is in after that."""

from typing import Literal

from schemas.rules.names import Act

State = Literal["new", "confirmed", "watching", "dismissed"]
# Where an alert that came out of a 速報 stands: no run has looked at it yet, one said the same, or one did not.
Provisional = Literal["waiting", "confirmed", "not_confirmed"]

STATE_AFTER: dict[Act, State] = {"confirm": "confirmed", "watch": "watching", "dismiss": "dismissed"}
STATE_LABELS: dict[State, str] = {
    "new": "新規",
    "confirmed": "一次確認済み",
    "watching": "見守り継続",
    "dismissed": "対象外",
}
PROVISIONAL_LABELS: dict[Provisional, str] = {  # nothing to be said of what a run confirmed
    "waiting": "速報",
    "not_confirmed": "速報・判定で確かめられず",
}
ACT_LABELS: dict[Act, str] = {
    "confirm": "一次確認とし、支援の検討に進める",
    "watch": "見守りを続ける",
    "dismiss": "対象外とする",
}
