"""A department that sends: `python -m infra.chaos.producer FOLDER BOOTSTRAP`. Whoever starts it again, it goes on.

FOLDER/events.jsonl is all that there is to send, FOLDER/allowed how many of it by now, FOLDER/sent its own ledger: after each
portion, how many the brokers have acknowledged. What was sent and not yet noted is sent again: the service knows it by its id.
"""

import json
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from kafka import KafkaProducer

PORTION = 200  # events between two notes
PAUSE_SECONDS = 0.05
PATIENT_MS = 3_600_000  # to give one up and have a later one of its record arrive would change their order


def main() -> None:
    """Send whatever is allowed, until somebody ends this process."""
    folder, bootstrap = Path(sys.argv[1]), sys.argv[2]
    producer = KafkaProducer(
        bootstrap_servers=bootstrap.split(","), acks="all", enable_idempotence=True, allow_auto_create_topics=False,
        delivery_timeout_ms=PATIENT_MS, max_block_ms=PATIENT_MS, reconnect_backoff_max_ms=1000,
    )  # fmt: skip
    done = acknowledged(folder)
    with (folder / "events.jsonl").open(encoding="utf-8") as events, (folder / "sent").open("a", buffering=1) as sent:
        for _ in islice(events, done):
            pass
        while True:
            allowed = int((folder / "allowed").read_text())
            portion = list(islice(events, min(PORTION, allowed - done)))
            if not portion:
                time.sleep(PAUSE_SECONDS)
                continue
            _send(producer, portion)
            done += len(portion)
            sent.write(f"{done}\n")


def acknowledged(folder: Path) -> int:
    """How many the brokers are known to have."""
    path = folder / "sent"
    lines = path.read_text().split() if path.exists() else []
    return int(lines[-1]) if lines else 0


def _send(producer: KafkaProducer, portion: Sequence[str]) -> None:
    messages = map(json.loads, portion)
    underway = [producer.send(topic, key=key.encode(), value=value.encode()) for _, topic, key, value in messages]
    producer.flush()
    for each in underway:
        each.get(timeout=0)  # raises what went wrong with it


if __name__ == "__main__":
    main()
