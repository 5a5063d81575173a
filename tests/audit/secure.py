"""The site behind nginx as `deploy/` has it, with TLS, on loopback."""

from __future__ import annotations

import subprocess  # openssl and nginx are programs of their own
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.audit import site
from tests.audit.tools import program
from tests.bench import nginx

HOST = "localhost"
# Whoever is let in by a form, and kept out after some: the scanner is to try every form to the end. So
# each of its requests comes from a network of its own.
ANYBODY = "2001:db8:$connection:$connection_requests::1"


@dataclass(frozen=True)
class Front:
    """Where the site is, who has signed its certificate, and where its access log lies."""

    url: str
    authority: Path
    log: Path


@contextmanager
def running() -> Iterator[Front]:
    """Serve the site with the demo content; end nginx and the site afterwards."""
    port = site.free_port()
    url = f"https://{HOST}:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="portal-front-") as name,
        site.served(url) as (upstream, data),
    ):
        folder = Path(name)
        certify(folder)
        command = nginx.configure(folder, changes(folder, port, upstream, data))
        if complaint := nginx.verdict(command):
            raise SystemExit(complaint)
        with subprocess.Popen(command) as server:  # noqa: S603 - ours
            try:
                site.await_answer(server, port)
                yield Front(url, folder / "ca.pem", folder / "access.log")
            finally:
                server.terminate()


def certify(folder: Path) -> None:
    """Make an authority that is nobody's, and a certificate of it for this machine."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    keys = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=portal audit"]
    openssl(folder, "req", "-x509", *curve, *keys)
    openssl(
        folder, "req", *curve, "-keyout", "site.key", "-out", "site.csr", "-subj", f"/CN={HOST}"
    )
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST},IP:127.0.0.1")
    authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        "site.csr",
        *authority,
        "-extfile",
        "names",
        "-out",
        "site.pem",
    )


def openssl(folder: Path, *command: str) -> None:
    run = [program("openssl"), *command]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)  # noqa: S603 - ours


def changes(folder: Path, port: int, upstream: int, data: Path) -> dict[str, str]:
    """Return what of the configuration is another here: names, places, a port that is not 443."""
    live = "/etc/letsencrypt/live/www.example.com"
    return nginx.moved(folder, upstream, data) | {
        # Of a port that speaks TLS alone, nginx would tell who comes without it in a page of its own.
        "  listen 443 ssl http2;\n  listen [::]:443 ssl http2;\n": (
            f"  listen 127.0.0.1:{port} ssl http2;\n"
            f"  error_page 497 =301 https://{HOST}:{port}$request_uri;\n"
        ),
        "server_name www.example.com;": f"server_name {HOST};",
        f"{live}/fullchain.pem": str(folder / "site.pem"),
        f"{live}/privkey.pem": str(folder / "site.key"),
        "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",
        "X-Forwarded-For $remote_addr": f"X-Forwarded-For {ANYBODY}",
    }
