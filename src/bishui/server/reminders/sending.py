"""The thin edge to the outside: one e-mail, one webhook call."""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from bishui.i18n import Text
from bishui.server.reminders import rules
from bishui.server.reminders.addresses import Undelivered, reachable

_ANSWER_LIMIT = 2000


def send(kind: str, address: str, fields: Mapping[str, str]) -> None:
    """Hand one message to one address.

    Parameters
    ----------
    fields
        ``id`` (the same at each attempt), ``subject``, ``text``, ``url``.

    Raises
    ------
    Undelivered
        With the reason: no mail server is set, the receiver cannot be reached or does not take it.
    """
    try:
        if kind == "email":
            _mail(address, fields)
        else:
            whole = "\n".join(part for part in (fields["subject"], fields["text"], fields["url"]) if part)
            _call(address, rules.webhook_body(kind, {**fields, "whole": whole}), fields["id"])
    except (OSError, smtplib.SMTPException, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise Undelivered(Text("连接失败：{reason}", reason=reason[:200])) from None


def _mail(address: str, fields: Mapping[str, str]) -> None:
    if not settings.EMAIL_HOST:
        raise Undelivered(
            Text("本系统未设置邮件服务器。"),
            remedy=Text("请由系统管理员设置 {name}。", name="BISHUI_MAIL_URL"),
        )
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2] or "localhost"
    EmailMessage(
        subject=" ".join(fields["subject"].split()),
        body=f"{fields['text']}\n\n{fields['url']}".rstrip(),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": f"<{fields['id']}@{host}>"},
        connection=get_connection(timeout=rules.pauses().seconds),
    ).send()


def _call(address: str, body: Any, identifier: str) -> None:
    parts = urlsplit(address)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connection = _Pinned(host, port, reachable(host, port), secure=secure, timeout=rules.pauses().seconds)
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": identifier},
        )
        answer = connection.getresponse()
        text = answer.read(_ANSWER_LIMIT).decode("utf-8", "replace")
    finally:
        connection.close()
    _judge(answer.status, text)


def _judge(status: int, text: str) -> None:
    """Refuse an answer that says no: by its status, or by the error code that the robots put into it."""
    if not 200 <= status < 300:
        raise Undelivered(Text("对方返回状态 {status}：{text}", status=status, text=text[:120]))
    try:
        answer = json.loads(text)
    except ValueError:
        return
    code = answer.get("errcode", answer.get("code", 0)) if isinstance(answer, dict) else 0
    if code not in (0, "0", None):
        raise Undelivered(Text("对方拒收（代码 {code}）：{text}", code=code, text=text[:120]))


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked; the name is still what the certificate must bear."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address
        self._context = ssl.create_default_context() if secure else None

    def connect(self) -> None:
        """Connect to the checked address; redirects are never followed."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
