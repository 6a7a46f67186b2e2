"""Settings of a child process that shares its parent's test database."""

import os

from bishui.server.settings_test import *  # noqa: F403
from bishui.server.settings_test import DATABASES

if path := os.environ.get("BISHUI_TEST_SQLITE"):
    DATABASES["default"]["NAME"] = path
