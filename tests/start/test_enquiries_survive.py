"""A small soak (the whole is `make soak`): some enquiries, and a server that is killed meanwhile."""

from __future__ import annotations

from pathlib import Path

from tests.loopback import Mailbox
from tests.soak.soak_enquiries import mailbox, send_and_kill, server
from tests.soak.soak_kills import Server

__all__ = ["mailbox", "server"]  # fixtures


def test_no_enquiry_is_lost_or_told_of_twice(
    server: Server, tmp_path: Path, mailbox: Mailbox
) -> None:
    send_and_kill(server, tmp_path, mailbox, posts=20, pause=(0.4, 1.2))
