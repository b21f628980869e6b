"""What leaves the service: a CloudEvent that holds a random handle, the decision, its entry and an expiry, and no more."""

from datetime import datetime, timedelta

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from services.gate import Decision

SOURCE = "urn:mimamori:publication"
TYPE = "jp.mimamori.alert.v1"
LASTS = timedelta(days=180)  # until the next half-yearly run


def alert_event(alert: str, decision: Decision, *, now: datetime) -> str:
    """The event of one alert as JSON (CloudEvents 1.0, structured); its id is the alert's handle."""
    attributes = {
        "id": alert, "source": SOURCE, "type": TYPE, "specversion": "1.0", "time": now, "datacontenttype": "application/json",
    }  # fmt: skip
    data = {
        "alert": alert, "decision": str(decision.id), "entry": decision.entry, "expires": (now + LASTS).isoformat(),
    }  # fmt: skip
    return JSONFormat().write(CloudEvent(attributes, data)).decode()
