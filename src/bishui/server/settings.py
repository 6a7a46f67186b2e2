"""Django settings, all from the environment and one data directory.

========================  ====================================================================
``BISHUI_DATA``           the data directory (default ``var`` in the current folder)
``BISHUI_DATABASE_URL``   records: empty = SQLite in the data directory, or ``postgresql://…``
``BISHUI_STORE_URL``      measurements: empty = a Delta table in the data directory, or a URL
``BISHUI_PORT``           the port to serve (default 8000)
``BISHUI_HOSTS``          host names that may be asked for, separated by commas
``BISHUI_HTTPS``          ``1`` where a proxy in front speaks HTTPS
``BISHUI_TLS``            ``1`` where the server speaks HTTPS itself (set by ``bishui serve --tls``)
``BISHUI_DEBUG``          ``1`` for development only
``BISHUI_LOG``            ``json`` for structured lines, else for a person
``BISHUI_CONSOLE_ALONE``  ``0`` where even the console may not commit alone what takes two persons
``BISHUI_MAIL_URL``       the mail server: ``smtp://user:password@host:25?from=name@example.org``, with
                          ``smtp+starttls://`` or ``smtps://`` where the way there is encrypted
``BISHUI_PUBLIC_URL``     the address by which people open the platform, for links in reminders
``BISHUI_WEBHOOK_HOSTS``  hosts inside the own network that webhooks may call, separated by commas
``BISHUI_TIANDITU_KEY``   key of the national map service (天地图) for the base map
========================  ====================================================================
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bishui.i18n import LOCALE_DIR
from bishui.server.logs import logging_config

DATA_DIR = Path(os.environ.get("BISHUI_DATA") or "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
PORT = int(os.environ.get("BISHUI_PORT") or 8000)
STORE_URL = os.environ.get("BISHUI_STORE_URL") or str(DATA_DIR / "measurements")
TIANDITU_KEY = os.environ.get("BISHUI_TIANDITU_KEY", "")
DEBUG = os.environ.get("BISHUI_DEBUG") == "1"
HTTPS = os.environ.get("BISHUI_HTTPS") == "1"
TLS = os.environ.get("BISHUI_TLS") == "1"
CONSOLE_MAY_COMMIT_ALONE = os.environ.get("BISHUI_CONSOLE_ALONE") != "0"


def _secret_key() -> str:
    """Return the key of this instance, made at first start and readable by its owner only."""
    path = DATA_DIR / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def database(url: str) -> dict[str, object]:
    """Return Django's database settings for `url`; an empty one means SQLite in the data directory."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "records.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: a record that was acknowledged survives a power cut.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


def mail(url: str) -> dict[str, object]:
    """Return Django's e-mail settings for `url`; an empty one means that no mail is sent."""
    parts = urlsplit(url)
    secure, started = parts.scheme == "smtps", parts.scheme == "smtp+starttls"
    usual = 465 if secure else 587 if started else 25
    sender = parse_qs(parts.query).get("from", [unquote(parts.username or "") or "bishui@localhost"])[0]
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": started,
        "DEFAULT_FROM_EMAIL": sender,
    }


SECRET_KEY = _secret_key()
globals().update(mail(os.environ.get("BISHUI_MAIL_URL", "")))
PUBLIC_URL = os.environ.get("BISHUI_PUBLIC_URL", "").rstrip("/")
WEBHOOK_HOSTS = os.environ.get("BISHUI_WEBHOOK_HOSTS", "").replace(",", " ").split()
DATABASES = {"default": database(os.environ.get("BISHUI_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = [
    host.strip() for host in (os.environ.get("BISHUI_HOSTS") or "localhost,127.0.0.1,[::1]").split(",")
]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "bishui.server.core",
    "bishui.server.accounts",
    "bishui.server.sites",
    "bishui.server.sources",
    "bishui.server.plans",
    "bishui.server.cases",
    "bishui.server.indicators",
    "bishui.server.ledgers",
    "bishui.server.reminders",
    "bishui.server.scores",
    "bishui.server.reporting",
    "bishui.server.standards",
    "bishui.server.alerts",
    "bishui.server.waters",
    "bishui.server.network",
    "bishui.server.outfalls",
    "bishui.server.field",
    "bishui.server.inspections",
    "bishui.server.approvals",
    "bishui.server.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bishui.server.core.middleware.SecurityHeaders",
    "bishui.server.core.middleware.ProxyAddress",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bishui.server.core.middleware.Language",
    "bishui.server.core.middleware.Errors",
    "bishui.server.core.middleware.DefaultDeny",
    "bishui.server.accounts.workspaces.WorkspaceMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bishui.server.urls"
WSGI_APPLICATION = "bishui.server.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bishui.server.core.context.page",
                "bishui.server.accounts.workspaces.context",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "sites:overview"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "bishui.server.accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True

CSRF_FAILURE_VIEW = "bishui.server.core.middleware.csrf_failure"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS or TLS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
#: The largest file that may be uploaded, in bytes.
UPLOAD_LIMIT = 512 * 1024 * 1024

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [LOCALE_DIR]
USE_I18N = True
# China Standard Time throughout, stored without a zone (docs/explanation/architecture.md).
USE_TZ = False
TIME_ZONE = "Asia/Shanghai"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [Path(__file__).parent / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
LOGGING_CONFIG = None
logging_config(os.environ.get("BISHUI_LOG", ""))
SILENCED_SYSTEM_CHECKS = ["axes.W003"]
