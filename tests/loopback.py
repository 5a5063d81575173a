"""The world that messages are sent to, played on loopback: a mail server, and the robots' hosts."""

from __future__ import annotations

import json
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


# --- Mail -------------------------------------------------------------------------------------------


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server. `answers` is what it says to a command, `BODY` standing for the end of a mail.

    An answer of None is none at all: it hangs up. `got_body` is set when a mail is in, `may_answer`
    before it says so.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.mails: list[str] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str | None] = {}
        self.refused = ""  # an address
        self.got_body, self.may_answer, self.over = (threading.Event() for _ in range(3))
        self.may_answer.set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers are killed here, or hang up."""


class Conversation(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.say("220 loopback")
        while line := self.rfile.readline().decode():
            command = line[:4].strip().upper()
            if command == "RCPT":
                self.server.recipients.append(line.split("<")[1].split(">")[0])
            usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 OK")
            answer = self.server.answers.get(command, usual)
            if command == "RCPT" and self.server.recipients[-1] == self.server.refused:
                answer = "550 no such user"
            if answer is None:
                return
            self.say(answer)
            if answer.startswith("354") and not self.take_mail():
                return
            if command == "QUIT":
                return

    def take_mail(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.mails.append(b"".join(lines).decode())
        self.server.got_body.set()
        self.server.may_answer.wait(30)
        answer = self.server.answers.get("BODY", "250 OK")
        if answer is not None:
            self.say(answer)
        return answer is not None

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


# --- Robots -----------------------------------------------------------------------------------------


def certificate(folder: Path, *names: str) -> Path:
    """Make a certificate for some names, with its key, that no system trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("缺少 openssl，请先运行 tests/bin/system-packages。", pytrace=False)
    file = folder / "certificate.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    listed = ",".join(f"DNS:{name}" for name in names)
    subject = ["-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={listed}"]
    files = ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    command = [openssl, "req", "-x509", *kind, *subject, *files]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - ours
    file.write_text(file.read_text() + file.with_suffix(".crt").read_text())
    return file


class GroupChat(ThreadingHTTPServer):
    """A host of robots. `answer` writes what it says to a POST; what was posted is in `posts`."""

    daemon_threads = True

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.posts: list[tuple[str, str, Any]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = says({"errcode": 0, "code": 0})
        self.over = threading.Event()
        if certificate is None:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def endpoint(self) -> tuple[str, int]:
        return "127.0.0.1", self.server_port

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up here."""


class Post(BaseHTTPRequestHandler):
    server: GroupChat

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers["Content-Type"]
        said = json.loads(body) if is_json else body.split("\n")
        self.server.posts.append((self.headers["Host"], self.path, said))
        self.server.answer(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def says(
    answer: Any, status: int = 200, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer_with(visit: BaseHTTPRequestHandler) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        visit.send_response(status)
        for name, value in headers.items():
            visit.send_header(name, value)
        visit.send_header("Content-Length", str(len(body)))
        visit.end_headers()
        visit.wfile.write(body)

    return answer_with


def hangs_up(visit: BaseHTTPRequestHandler) -> None:
    visit.connection.shutdown(socket.SHUT_RDWR)


# --- Search engines ---------------------------------------------------------------------------------


class SearchEngine(GroupChat):
    """百度普通收录 and IndexNow at once. `plays` are the answers to come; then it takes everything."""

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(certificate)
        self.plays: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.answer = self.play

    def play(self, visit: BaseHTTPRequestHandler) -> None:
        (self.plays.pop(0) if self.plays else self.take)(visit)

    def take(self, visit: BaseHTTPRequestHandler) -> None:
        says({"remain": 100_000, "success": len(self.told[-1])})(visit)

    @property
    def told(self) -> list[list[str]]:
        """The paths of each message, in the order in which they came."""
        listed = (said["urlList"] if isinstance(said, dict) else said for _, _, said in self.posts)
        return [[urlsplit(address).path for address in addresses] for addresses in listed]

    @property
    def heard(self) -> Counter[str]:
        """How often each path was named."""
        return Counter(path for paths in self.told for path in paths)
