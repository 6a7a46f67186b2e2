"""HTTPS by the server itself: the certificate and its key are looked at before anything starts."""

from __future__ import annotations

import ssl
from pathlib import Path

from bishui.errors import CallError, Where
from bishui.i18n import Text

_PKCS8 = "-----BEGIN PRIVATE KEY-----"


def check(certificate: Path, key: Path) -> None:
    """Refuse a certificate and a key that the web server could not use.

    Raises
    ------
    CallError
        If a file is missing or no PEM, the key is not the certificate's, is encrypted or not in PKCS #8.
    """
    for path in (certificate, key):
        if not path.is_file():
            raise CallError(
                Text("没有文件“{file}”。", file=str(path)),
                remedy=Text("请核对路径和文件名。"),
                where=Where(file=str(path)),
            )
    if _PKCS8 not in key.read_text(encoding="latin-1"):
        raise CallError(
            Text("私钥“{file}”不是未加密的 PKCS #8 格式。", file=str(key)),
            remedy=Text("请转换：openssl pkcs8 -topk8 -nocrypt -in {file} -out 新文件.pem", file=str(key)),
            where=Where(file=str(key)),
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, ValueError) as fault:
        raise CallError(
            Text("证书“{file}”与私钥不配套，或文件已损坏。", file=str(certificate)),
            remedy=Text("请使用同一次签发得到的证书和私钥；中间证书接在证书之后，放在同一个文件里。"),
            where=Where(file=str(certificate)),
        ) from fault
