"""The worker: sends what is due, does what comes back, and picks up what others dropped."""

from __future__ import annotations

import logging
import os
import socket
import time
from typing import Final

from django.db import Error, close_old_connections, connection

from portal.cms.delivery import claiming, due, sending
from portal.cms.delivery.fates import where
from portal.cms.revisions import actions

logger = logging.getLogger(__name__)

IDLE: Final = 1.0  # seconds between two looks when there is nothing to do
LONGEST_WAIT: Final = 30.0  # seconds, for a database that does not answer


class Worker:
    """One at work, among any number. `end` may be called from a signal: it finishes what is in hand."""

    def __init__(self, parent: int | None = None) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.parent = parent
        self.ending = False
        self.has_rows = False

    def end(self, *_: object) -> None:
        self.ending = True

    def run(self) -> None:
        """Work until told to end, or until the process that started this one is gone."""
        wait = IDLE
        while not self.is_over():
            try:
                close_old_connections()
                if not self.turn():
                    time.sleep(IDLE)
                wait = IDLE
            except Error as error:
                logger.warning("the worker waits for the database: %s", where(error))
                connection.close()
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def is_over(self) -> bool:
        return self.ending or (self.parent is not None and os.getppid() != self.parent)

    def turn(self) -> bool:
        """Give each kind of work its turn; return whether there was any. Five queries if not.

        One message and one task a turn: a thousand of the one do not keep the other waiting.
        """
        if not self.has_rows:
            due.make_rows()
            self.has_rows = True
        done = (
            sending.deliver_next(self.name),
            bool(claiming.expire()),
            # Of a site that nobody looks at just then: readers apply what is due as well.
            bool(actions.apply_due()),
            due.run_next(self.name),
        )
        return any(done)
