"""Why a phone cannot use the field page: from the settings, and by opening the address as a phone does."""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import reverse

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.server.core.doctor import Finding, register

_PATIENCE = 10.0
#: Reasons of OpenSSL (X509_V_ERR_…): a certificate not trusted, out of its time, of another host.
_PRIVATE = frozenset({18, 19, 20, 21})
_TIMES = frozenset({9, 10})
_OTHER_HOST = frozenset({62, 64})

_HOW = Text("做法见 docs/how-to/field-work.md。")


@register
def phones() -> Finding:
    """The address that people open can be used by phones; said as a note, for not every bureau wants it."""
    reasons = tuple(from_settings(settings.PUBLIC_URL))
    return Finding(Text("手机现场作业"), 0, (), tuple(problem.what for problem in reasons))


def from_settings(address: str) -> Iterator[Problem]:
    """Yield what the settings alone tell against the use by phones; an empty address means none is set."""
    parts = urlsplit(address)
    if not address:
        yield _problem("no-address", Text("没有设置对外地址（BISHUI_PUBLIC_URL），手机无从打开现场页面。"))
        if not (settings.HTTPS or settings.TLS):
            yield _insecure()
        return
    if parts.scheme != "https":
        yield _insecure()
    if is_this_machine(parts.hostname or ""):
        yield _problem("loopback", Text("地址 {host} 只有本机能打开，手机打不开。", host=parts.hostname))
    if not validate_host(parts.hostname or "", settings.ALLOWED_HOSTS):
        yield _problem(
            "host",
            Text("地址 {host} 不在允许的主机名（BISHUI_HOSTS）之内，打开会被拒绝。", host=parts.hostname),
        )


def examine(address: str) -> Finding:
    """Open an address as a phone does, and say all that keeps the page from working on it."""
    parts = urlsplit(address if "//" in address else f"https://{address}")
    problems = list(from_settings(parts.geturl()))
    try:
        problems += _opened(parts)
    except ssl.SSLCertVerificationError as fault:
        problems.append(_certificate(parts, fault))
    except ssl.SSLError:
        problems.append(
            _problem(
                "no-tls", Text("{host} 的端口 {port} 不是 HTTPS。", host=parts.hostname, port=_port(parts))
            )
        )
    except (OSError, http.client.HTTPException, ValueError) as fault:
        what = Text("打不开 {address}：{fault}。", address=parts.geturl(), fault=str(fault))
        problems.append(
            _problem("closed", what, Text("请检查服务是否启动、监听地址（--host 0.0.0.0）和防火墙。"))
        )
    return Finding(Text("手机现场作业 {address}", address=parts.geturl()), 1, tuple(problems))


def is_this_machine(host: str) -> bool:
    """Tell whether a host name or address means the machine itself, which no phone can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _opened(parts: SplitResult) -> Iterator[Problem]:
    """Fetch the worker: what is right for it is right for the page."""
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, _port(parts), timeout=_PATIENCE, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, _port(parts), timeout=_PATIENCE)
    try:
        connection.request("GET", reverse("field:worker"))
        answer = connection.getresponse()
        kind = answer.headers.get("Content-Type", "")
        policy = answer.headers.get("Content-Security-Policy", "")
        answer.read()
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK or not kind.startswith("text/javascript"):
        what = Text(
            "现场页面的离线脚本没有取到（状态 {status}，类型 {kind}）。", status=answer.status, kind=kind
        )
        remedy = Text("请检查主机名（BISHUI_HOSTS）和反向代理：/field/ 和 /static/ 要原样转发。")
        yield _problem("worker", what, remedy)
    elif "worker-src 'self'" not in policy:
        what = Text("反向代理改动了内容安全策略，离线脚本不能运行。")
        yield _problem("policy", what, Text("请让反向代理原样转发 Content-Security-Policy。"))


def _certificate(parts: SplitResult, fault: ssl.SSLCertVerificationError) -> Problem:
    host, code = parts.hostname, fault.verify_code
    if code in _OTHER_HOST:
        what = Text("证书不是为 {host} 签发的。", host=host)
        return _problem("wrong-host", what, Text("请用证书上的主机名打开，或换一张含此主机名（SAN）的证书。"))
    if code in _TIMES:
        return _problem(
            "expired", Text("{host} 的证书不在有效期内。", host=host), Text("请更换证书，并校准时间。")
        )
    if code in _PRIVATE:
        what = Text("{host} 的证书由私有 CA 签发，或缺少中间证书，手机不信任。", host=host)
        remedy = Text("请在每台手机上安装该 CA 的根证书，或改用公共 CA 的证书，并带上中间证书。")
        return _problem("private-ca", what, remedy)
    what = Text("{host} 的证书没有通过检查：{fault}。", host=host, fault=fault.verify_message)
    return _problem("certificate", what, Text("请更换证书。"))


def _insecure() -> Problem:
    what = Text("没有 HTTPS，手机浏览器不给离线、定位等功能（不是安全上下文）。")
    remedy = Text("用 bishui serve --tls 证书 私钥，或在前面加一个 HTTPS 反向代理。")
    return _problem("no-https", what, remedy)


def _problem(code: str, what: Text, remedy: Text = _HOW) -> Problem:
    return Problem(code, what, remedy)
