"""Why a phone cannot use the field page; HTTPS by the server itself, seen from another network with a local CA."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from bishui.errors import CallError
from bishui.server import tls
from bishui.server.field import phones
from bishui.server.supervise import web_command
from tests.server.serving import environment

NAMESPACE, HERE, THERE = "bishui-phone", "10.77.31.1", "10.77.31.2"

CLIENT = """
import ssl, sys, http.client, json
context = ssl.create_default_context(cafile=sys.argv[1])
asked = http.client.HTTPSConnection(sys.argv[2], int(sys.argv[3]), timeout=30, context=context)
asked.request("GET", "/field/worker.js")
answer = asked.getresponse()
print(json.dumps({"status": answer.status, "headers": dict(answer.headers), "body": answer.read().decode()}))
"""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A CA of our own, and a certificate by it for the address that the phone asks."""
    folder = tmp_path_factory.mktemp("tls")
    ecdsa = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(
        folder,
        "req",
        "-x509",
        *ecdsa,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "2",
        "-subj",
        "/CN=Local CA",
    )
    openssl(folder, "req", *ecdsa, "-keyout", "key.pem", "-out", "req.pem", "-subj", "/CN=phone.test")
    (folder / "names").write_text(f"subjectAltName=DNS:phone.test,IP:{HERE},IP:127.0.0.1\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names")
    openssl(folder, "x509", "-req", "-in", "req.pem", "-out", "cert.pem", *signed)
    return folder


@contextmanager
def other_network():
    """Another network namespace with one cable to this one, where the machine lets us make one."""
    steps = [
        ("netns", "add", NAMESPACE),
        ("link", "add", "bishui0", "type", "veth", "peer", "name", "bishui1", "netns", NAMESPACE),
        ("addr", "add", f"{HERE}/30", "dev", "bishui0"),
        ("link", "set", "bishui0", "up"),
        ("-n", NAMESPACE, "addr", "add", f"{THERE}/30", "dev", "bishui1"),
        ("-n", NAMESPACE, "link", "set", "bishui1", "up"),
    ]
    try:
        for step in steps:
            done = subprocess.run(["ip", *step], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"this machine makes no network namespace: {done.stderr.strip()}")
        yield ["ip", "netns", "exec", NAMESPACE]
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], capture_output=True)


@contextmanager
def served(data, made):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = environment(data) | {"BISHUI_TLS": "1", "BISHUI_HOSTS": f"{HERE},127.0.0.1"}
    command = web_command(port, 1, "0.0.0.0", (made / "cert.pem", made / "key.pem"))
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a network namespace")
def test_a_phone_in_another_network_opens_the_page_by_https_with_a_local_ca(
    tmp_path, made, monkeypatch, settings
):
    with other_network() as there, served(tmp_path, made) as port:
        client = [*there, sys.executable, "-c", CLIENT]
        known = subprocess.run(
            [*client, str(made / "ca.pem"), HERE, str(port)], capture_output=True, text=True
        )
        answer = json.loads(known.stdout)
        assert answer["status"] == 200
        assert answer["body"].startswith("self.SHELL=")
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        assert headers["content-type"].startswith("text/javascript")
        assert headers["service-worker-allowed"] == "/field/"
        stranger = subprocess.run([*client, "/dev/null", HERE, str(port)], capture_output=True, text=True)
        assert "CERTIFICATE_VERIFY_FAILED" in stranger.stderr or "NO_CERTIFICATE" in stranger.stderr
        settings.ALLOWED_HOSTS = [HERE]
        untrusted = phones.examine(f"https://{HERE}:{port}")
        assert [problem.code for problem in untrusted.problems] == ["private-ca"]
        monkeypatch.setenv("SSL_CERT_FILE", str(made / "ca.pem"))
        assert phones.examine(f"https://{HERE}:{port}").problems == ()
        settings.ALLOWED_HOSTS = ["*"]
        wrong = phones.examine(f"https://localhost:{port}")
        assert [problem.code for problem in wrong.problems] == ["loopback", "wrong-host"]
        plain = phones.examine(f"http://{HERE}:{port}")
        assert plain.problems[0].code == "no-https"


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("https://water.example.org", []),
        ("http://water.example.org", ["no-https"]),
        ("https://localhost:8000", ["loopback", "host"]),
        ("https://other.example.org", ["host"]),
        ("", ["no-address", "no-https"]),
    ],
)
def test_the_settings_alone_tell_what_keeps_phones_away(settings, address, codes):
    settings.ALLOWED_HOSTS, settings.HTTPS, settings.TLS = ["water.example.org"], False, False
    assert [problem.code for problem in phones.from_settings(address)] == codes


def test_a_key_that_the_server_cannot_use_is_refused_before_it_starts(tmp_path, made):
    tls.check(made / "cert.pem", made / "key.pem")
    with pytest.raises(CallError, match="配套"):
        tls.check(made / "cert.pem", made / "ca.key")
    openssl(tmp_path, "ec", "-in", str(made / "key.pem"), "-out", "old.pem")
    with pytest.raises(CallError) as refused:
        tls.check(made / "cert.pem", tmp_path / "old.pem")
    assert "openssl pkcs8" in str(refused.value)
    with pytest.raises(CallError):
        tls.check(made / "cert.pem", tmp_path / "none.pem")
