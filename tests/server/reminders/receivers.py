"""Real receivers on the loopback: a mail server and a webhook that remember what they were handed."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as one message needs."""

    def handle(self):
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("DATA"):
                self._take()
            elif word.startswith("QUIT"):
                self._say("221 bye")
                return
            elif word.startswith("RCPT") and self.server.refuse:
                self._say("550 no such box")
            else:
                self._say("250 ok")

    def _take(self):
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.taken.append(b"".join(lines).decode())
        self._say("250 taken")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class _Hook(BaseHTTPRequestHandler):
    """Answers with the status and the text that the server was given."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.taken.append((self.headers["Idempotency-Key"], body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(self.server.answer.encode())

    def log_message(self, *_):
        """Keep quiet."""


@contextmanager
def _serving(server, **options):
    server.taken = []
    for name, value in options.items():
        setattr(server, name, value)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mail_server(*, refuse=False):
    """Serve mail; ``taken`` are the messages."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    return _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail), refuse=refuse)


def webhook(*, status=200, answer='{"errcode":0}'):
    """Serve a webhook; ``taken`` are (identifier, body)."""
    return _serving(HTTPServer(("127.0.0.1", 0), _Hook), status=status, answer=answer)
