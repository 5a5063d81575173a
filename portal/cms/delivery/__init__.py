"""The outbox: everything that leaves the site goes by here, and stays until its fate is known.

Whoever has something to tell calls `enqueue` in the transaction that makes it true; what that commits
is a row, and no message. A worker (`worker`, of any number on any machine) then

1. *claims* rows that are due, in a statement that is committed before anything is sent (`claiming`);
2. makes the message from what the database says by now (`topics`), so that the outbox holds nobody's
   data, and what was erased meanwhile is not sent;
3. *sends* it (`sending`, by `mail`, `robots`, or what else has registered), and notes how that
   ended (`fates`).

Killed between 1 and 3, it leaves rows that are being sent, and whose lease runs out. Nobody knows then
whether the message is out, so they become 不确定 and wait for a person: they are never sent again by
themselves, unless their topic says that a second message does no harm.

Periodic work is done by the same worker, from a table of what is due (`due`).
"""

from __future__ import annotations

from portal.cms.delivery.due import periodic
from portal.cms.delivery.outbox import enqueue
from portal.cms.delivery.topics import Message, topic

__all__ = ["Message", "enqueue", "periodic", "topic"]
