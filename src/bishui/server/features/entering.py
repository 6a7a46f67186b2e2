"""Who may read features: a person who has signed in, or a program with a key of theirs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBasicAuth, HttpBearer

from bishui.server.accounts import tokens, workspaces
from bishui.server.accounts.models import AccessToken


class TokenAsPassword(HttpBasicAuth):
    """Basic authentication with the user's name and a key in the place of the password.

    The password itself is not accepted: a program does not need all that its owner may do.
    """

    def authenticate(self, request: HttpRequest, username: str, password: str) -> Any:
        """Return the user, or None."""
        token = tokens.of_key(password)
        return _enter(request, token) if token and token.user.username == username else None


class TokenAlone(HttpBearer):
    """A key in the header ``Authorization: Bearer …``."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the user, or None."""
        found = tokens.of_key(token)
        return _enter(request, found) if found else None


def _enter(request: HttpRequest, token: AccessToken) -> Any:
    """Let the request be that of the user in the city of the key; None where they hold no right in it."""
    user = token.user
    city = next((city for city in workspaces.of_user(user) if city.division == token.division), None)
    if city is None:
        return None
    request.user = user
    request.workspace = city  # type: ignore[attr-defined]
    return user
