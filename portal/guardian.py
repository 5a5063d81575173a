"""Keeps a worker running beside the web server, and ends it with the last of the server's processes.

`manage.py serve` starts this and then becomes gunicorn. All of gunicorn's processes inherit one end of
a pipe, on which nobody ever writes; the other end is here. When the last of them is gone, however it
went (Ctrl-C, a crash, `kill -9`), the pipe ends, and so does the worker.

Imports no settings: it costs a few megabytes, and runs on while the worker cannot start.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
LOOK = 1.0  # seconds between two looks at the worker
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before it is started again
# A worker that has lived so long had a good start: the next one need not wait.
SETTLED = 60.0
PATIENCE = 10.0  # seconds that it gets to finish the message it has in hand


class Guardian:
    """`command` starts the worker, `reading` is our end of the pipe."""

    def __init__(self, command: list[str], reading: int) -> None:
        self.command = command
        self.reading = reading
        self.pause = FIRST_PAUSE

    def run(self) -> None:
        """Return when the server is gone; the worker is gone then, too."""
        while not self.server_is_gone(0):
            started = time.monotonic()
            worker = subprocess.Popen(self.command)  # noqa: S603 - ours
            try:
                while worker.poll() is None:
                    if self.server_is_gone(LOOK):
                        return
            finally:
                end(worker)
            if time.monotonic() - started > SETTLED:
                self.pause = FIRST_PAUSE
            self.report(worker.returncode)
            if self.server_is_gone(self.pause):
                return
            self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def server_is_gone(self, seconds: float) -> bool:
        """Wait so long for the pipe to end; return whether it has."""
        return bool(select.select([self.reading], [], [], seconds)[0])

    def report(self, code: int) -> None:
        with suppress(OSError):  # the terminal it was started from may be gone
            sys.stderr.write(f"后台任务程序意外结束（{code}），{self.pause:.0f} 秒后重新启动。\n")
            sys.stderr.flush()


def end(worker: subprocess.Popen[bytes]) -> None:
    """Let the worker finish what it has in hand, but not for ever."""
    if worker.poll() is None:
        worker.terminate()
        try:
            worker.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def start() -> None:
    """Leave a guardian behind. Whoever calls this and all it turns into hold the pipe open.

    Raises OSError where no process can be started.
    """
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "portal.guardian", str(reading)]
    # The guardian gets the reading end and nothing else; an end for writing of its own, and it would
    # never see the pipe end.
    subprocess.Popen(command, pass_fds=[reading], cwd=MANAGE.parent)  # noqa: S603 - ours
    os.close(reading)
    os.set_inheritable(writing, True)


def main(reading: int) -> None:
    # Meant for the web server, which ends in its own way, and then the pipe. The worker inherits these.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    me = f"--child-of={os.getpid()}"
    Guardian([sys.executable, str(MANAGE), "worker", me], reading).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
