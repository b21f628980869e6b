"""Kafka at both ends: departments' topics into the inbox, the outbox onto topics, and the topics themselves."""
