"""Fixtures for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing about a law: a busy machine is slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and measurements beside the checkout; the test skips without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of real documents is not beside this checkout")
    return folder
