"""The small city of the sites' tests, with the months and stations that these pages need."""

from tests.server.sites.conftest import at, city

__all__ = ["at", "city"]
