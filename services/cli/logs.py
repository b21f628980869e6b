"""The log of commands that run on: one JSON object a line, to standard error; counts and codes, nobody's data."""

import sys

import structlog


def log_to_stderr() -> None:
    """Have structlog write there."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
