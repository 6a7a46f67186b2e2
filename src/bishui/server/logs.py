"""Structured logging: one line per event, for a person or as JSON."""

from __future__ import annotations

import logging
import logging.config
import sys

import structlog


def logging_config(kind: str) -> None:
    """Set logging up.

    Parameters
    ----------
    kind
        ``json`` for one JSON object per line, ``quiet`` for warnings only, else lines for a person.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if kind == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if kind == "quiet" else logging.INFO)
    for noisy in ("django.request", "axes", "django_tasks", "_granian"):
        logging.getLogger(noisy).setLevel(logging.ERROR if kind == "quiet" else logging.WARNING)
