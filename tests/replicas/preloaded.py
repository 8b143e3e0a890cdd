"""The `jsna` command in processes of its own that start at once.

Importing pandas and matplotlib takes seconds; tests that stop a fetch forty times would wait
for little else. One process imports everything and forks; each child is a process that runs
the whole command, with its own files, signals and limits.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")

_PARENT = """
import json, os, resource, signal, sys
import lbbd_jsna.cli, lbbd_jsna.fetching.fetch, lbbd_jsna.sources.extracts
from lbbd_jsna.fetching import education, fingertips, nomis, open_geography

def child(order):
    for number, path in ((1, order["out"]), (2, order["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    os.setsid()
    os.environ.update(order["environment"])
    if order["file_size"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_size"],) * 2)
    sys.argv[:] = ["jsna", *order["arguments"]]
    code = 1
    try:
        lbbd_jsna.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        _, status, used = os.wait4(order["wait"], 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_maxrss]), flush=True)
        continue
    pid = os.fork()
    if pid == 0:
        child(order)
    print(pid, flush=True)
"""


@dataclass(frozen=True)
class Done:
    """How a command ended: its code (negative: the signal), its words, its peak memory in kB."""

    returncode: int
    stdout: str
    stderr: str
    peak: int


class Preloaded:
    """A context manager that starts commands.

    Parameters
    ----------
    folder : Path
        Where what they print is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0

    def __enter__(self) -> Preloaded:
        clean = {name: value for name, value in os.environ.items() if name not in PROXIES}
        self._parent = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _PARENT], cwd=ROOT, env=clean, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait(timeout=20)

    def _order(self, **order: object) -> object:
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        return json.loads(self._parent.stdout.readline())

    def start(
        self,
        *arguments: object,
        environment: Mapping[str, str] | None = None,
        file_size: int = 0,
    ) -> Running:
        """Start the command; `file_size` is the most bytes it may write to one file."""
        self._number += 1
        out, err = (self._folder / f"{self._number}.{kind}" for kind in ("out", "err"))
        pid = self._order(
            out=str(out), err=str(err), arguments=list(map(str, arguments)),
            environment=dict(environment or {}), file_size=file_size,
        )  # fmt: skip
        return Running(self, pid, out, err)

    def run(self, *arguments: object, **how: object) -> Done:
        """Start the command and wait for its end."""
        return self.start(*arguments, **how).wait()

    def ended(self, pid: int) -> tuple[int, int]:
        """Wait for a child: its code and its peak memory."""
        return tuple(self._order(wait=pid))


@dataclass(frozen=True)
class Running:
    """A command under way."""

    parent: Preloaded
    pid: int
    out: Path
    err: Path

    def signal(self, number: int) -> None:
        """Send it a signal; it may be over already."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, timeout: float = 60) -> Done:
        """Wait for its end; it is killed after `timeout` seconds."""
        watch = threading.Timer(timeout, self.signal, (signal.SIGKILL,))
        watch.start()
        try:
            code, peak = self.parent.ended(self.pid)
        finally:
            watch.cancel()
            watch.join()
        said = (path.read_text(encoding="utf-8") for path in (self.out, self.err))
        return Done(code, *said, peak)
