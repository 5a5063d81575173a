"""nginx with the configuration of `deploy/`, brought to a folder and a port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess  # nginx is a program of its own
from pathlib import Path

SITE = Path(__file__).parents[2] / "deploy/nginx/portal.conf"
# Debian's nginx.conf, as far as it matters to one site. A second process only makes the two of a small
# machine wait for each other less.
MAIN = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{
  worker_connections 768;
}}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  default_type application/octet-stream;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/portal.conf;
}}
"""


def program() -> str | None:
    """Return nginx; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def configure(folder: Path, changes: dict[str, str]) -> list[str]:
    """Write the configuration into a folder, with these strings changed; return the command.

    Raises ValueError for a string that the configuration does not hold: it would be another one.
    """
    site = SITE.read_text(encoding="utf-8")
    for before, after in changes.items():
        if before not in site:
            raise ValueError(f"{SITE.name} has no {before!r}")
        site = site.replace(before, after)
    (folder / "portal.conf").write_text(site, encoding="utf-8")
    # As root, nginx would hand its workers to a user who may not see this folder.
    user = "user root;" if os.geteuid() == 0 else ""
    main = MAIN.format(folder=folder, user=user)
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    return [program() or "nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def moved(folder: Path, upstream: int, data: Path) -> dict[str, str]:
    """Return the changes for any site on loopback, in front of gunicorn on `upstream`: all but how it listens.

    All clients are one visitor there, whom no limit holds up.
    """
    return {
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "/var/lib/nginx/portal": str(folder / "cache"),
        "/var/log/nginx/portal.log": str(folder / "access.log"),
        "/var/log/nginx/portal-error.log": str(folder / "site-error.log"),
        "/srv/portal/var": str(data),
        "  listen 80;\n  listen [::]:80;\n": f"  listen unix:{folder}/redirect.sock;\n",
        "limit_conn portal_visitors 100;": "limit_conn portal_visitors 1000;",
        "rate=5r/s": "rate=10000r/s",
        "rate=10r/s": "rate=10000r/s",
    }


def on_loopback(folder: Path, port: int, upstream: int, data: Path) -> dict[str, str]:
    """Return the changes for a site without TLS."""
    return moved(folder, upstream, data) | {
        "  listen 443 ssl http2;\n  listen [::]:443 ssl http2;\n": (
            f"  listen 127.0.0.1:{port} default_server;\n"
        ),
        "  ssl_certificate ": "  # ssl_certificate ",
        "  ssl_certificate_key ": "  # ssl_certificate_key ",
    }


def verdict(command: list[str]) -> str:
    """Return what `nginx -t` has to say against the configuration; nothing where it is sound."""
    done = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True)  # noqa: S603  ours
    return done.stderr
