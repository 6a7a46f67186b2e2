"""Fixtures for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import expect

# How long an example takes says nothing about a law: a busy machine is slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Nor does it about a page: what is expected of one is there at last, or not at all.
expect.set_options(timeout=60_000)

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that hold slow tests, so that no process is left with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and measurements beside the checkout; the test skips without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of real documents is not beside this checkout")
    return folder
