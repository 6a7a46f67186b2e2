"""What reads need to know of the city worked in; `bishui.server.accounts.workspaces.Workspace` is one."""

from __future__ import annotations

from datetime import date
from typing import Protocol


class City(Protocol):
    """A city and the day its pages speak of."""

    @property
    def division(self) -> str:
        """Its path."""

    @property
    def today(self) -> date:
        """The day the pages speak of."""


class AssessedCity(City, Protocol):
    """A city whose readings are assessed: an invented one knows none after its fixed day."""

    @property
    def as_of(self) -> date | None:
        """The fixed day of an invented city."""
