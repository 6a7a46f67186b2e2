"""The outfalls and inspectors of the inspections' tests, for the pages that show them."""

from tests.server.inspections.conftest import inspectors, pool

__all__ = ["inspectors", "pool"]
