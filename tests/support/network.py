"""Noticing, and stopping, every attempt of a Python process to reach the network."""

from __future__ import annotations

from pathlib import Path

from tests.support.checkout import environment

# Python runs the first sitecustomize.py on its path at every start, in child processes, too. Its
# hook cannot be taken off again. The next one on the path (the suite's, which hides Qt) still
# gets its turn.
_HOOK = """
import os, sys

LOG = os.environ["NETWORK_LOG"]
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


def tell(line):
    with open(LOG, "a") as file:
        file.write(line + "\\n")


def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        if isinstance(arguments[1], (str, bytes)):
            return  # of this machine: AF_UNIX
    elif event not in LOOKUPS:
        return
    tell(f"network {event} {arguments[-1] if event not in LOOKUPS else arguments[0]}")
    raise OSError("the network is out of bounds in this test")


sys.addaudithook(watch)
tell("started " + " ".join(sys.orig_argv[1:6]))

here = os.path.realpath(os.path.dirname(__file__))
for folder in sys.path:
    other = os.path.join(folder, "sitecustomize.py")
    if os.path.realpath(folder) != here and os.path.isfile(other):
        with open(other) as file:
            exec(compile(file.read(), other, "exec"), {"__name__": "sitecustomize"})
        break
"""


class Watch:
    """An environment in which network calls are logged and fail.

    Its user has agreed to OpenVINO's telemetry, so that only the program itself can prevent it.
    """

    def __init__(self, folder: Path) -> None:
        self._log = folder / "network.log"
        hook = folder / "hook"
        hook.mkdir(parents=True)
        (hook / "sitecustomize.py").write_text(_HOOK, "utf-8")
        consent = folder / "home" / "intel"
        consent.mkdir(parents=True)
        (consent / "openvino_telemetry").write_text("1", "utf-8")
        self.environment = environment(
            hook, NETWORK_LOG=str(self._log), HOME=str(folder / "home"), CI="", TF_BUILD=""
        )

    @property
    def started(self) -> list[str]:
        """The command lines of the processes that were watched."""
        return self._lines("started ")

    @property
    def calls(self) -> list[str]:
        """The attempts to reach the network."""
        return self._lines("network ")

    def _lines(self, kind: str) -> list[str]:
        lines = self._log.read_text("utf-8").splitlines() if self._log.exists() else []
        return [line.removeprefix(kind) for line in lines if line.startswith(kind)]
