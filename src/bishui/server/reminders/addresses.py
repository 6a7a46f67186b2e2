"""Which addresses may be called: no address inside the bureau's own network unless the instance says so."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from bishui.errors import BishuiError
from bishui.i18n import Text


class Undelivered(BishuiError):
    """A message could not be handed to the address; the attempt may be repeated."""

    code = "undelivered"
    http_status = 502


def fault(kind: str, address: str) -> tuple[Text, Text] | None:
    """Return what is wrong with an address as written, and what to do, or None."""
    if kind == "email":
        try:
            validate_email(address)
        except ValidationError:
            return (
                Text("“{address}”不是电子邮箱地址。", address=address),
                Text("请按 name@example.com 的形式填写。"),
            )
        return None
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return None
    if parts.scheme == "http" and parts.hostname in settings.WEBHOOK_HOSTS:
        return None
    return (
        Text("接口地址“{address}”应以 https:// 开头。", address=address),
        Text("请填写机器人或接口的完整 https 地址；内网地址须由系统管理员在配置中允许。"),
    )


def reachable(host: str, port: int) -> str:
    """Return the IP address to connect to for `host`.

    A host that the instance names in its settings may be anywhere; any other must be on the public
    network, so that nobody makes the server call its neighbours.

    Raises
    ------
    Undelivered
        If the name is unknown or means an address that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Undelivered(
            Text("找不到主机“{host}”。", host=host), remedy=Text("请检查地址与网络。")
        ) from None
    numbers = [str(entry[4][0]) for entry in found]
    if host not in settings.WEBHOOK_HOSTS and not all(ipaddress.ip_address(n).is_global for n in numbers):
        raise Undelivered(
            Text("主机“{host}”不在公网，未获允许。", host=host),
            remedy=Text("请由系统管理员在配置中允许该主机。"),
        )
    return numbers[0]
