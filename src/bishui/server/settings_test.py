"""Settings for the tests: a data directory of their own, quick passwords, either database."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("BISHUI_DATA", tempfile.mkdtemp(prefix="bishui-test-"))
os.environ.setdefault("BISHUI_LOG", "quiet")

from bishui.server.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]

# A file, not memory: child processes that tests start and kill share it.
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
