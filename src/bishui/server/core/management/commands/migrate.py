"""``migrate``, which lays an empty database out at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser, no_translations
from django.core.management.commands import migrate
from django.db import connections

from bishui.server.core import empty_database

_WITH_AIMS = ("app_label", "plan", "check_unapplied", "fake", "fake_initial", "prune", "every_step")


class Command(migrate.Command):
    """The framework's command; with ``--every-step`` it goes the long way on an empty database too."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option of our own."""
        super().add_arguments(parser)
        parser.add_argument(
            "--every-step",
            action="store_true",
            help="Take every step of the history, on an empty database too.",
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Lay an empty database out, and take the steps that any other one has not taken."""
        connection = connections[options["database"]]
        if not any(options.get(aim) for aim in _WITH_AIMS) and empty_database.is_empty(connection):
            empty_database.lay_out(connection)
        super().handle(*args, **options)
