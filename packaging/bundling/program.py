"""The one program of a bundle: window, terminal, and the helper processes of both.

In a bundle `sys.executable` is this program, so what it starts of itself comes back here: a helper
by its first argument, window or terminal by the name that the program was started with.
"""

import os
import sys
from pathlib import Path

_KEPT_ASIDE = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # by the loader, as NAME_ORIG
_OVERWRITTEN = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")  # by PyInstaller; Qt's wheel needs neither
_LOADERS = "_PYI_"


def main() -> int:
    """Be what was asked for; gives the exit status."""
    import multiprocessing

    _give_back_environment()
    multiprocessing.freeze_support()
    from core.processes import HELPER_FLAG, run_helper

    if sys.argv[1:2] == [HELPER_FLAG]:
        run_helper(sys.argv[2:])
        return 0
    if Path(sys.argv[0]).stem.endswith("-window"):
        from app.__main__ import main as window

        return window()
    from core.cli.main import main as terminal

    return terminal()


def _give_back_environment() -> None:
    """The environment as it was before: browser and file manager must not load our libraries.

    The bundle's loader has read its variables by now; our own helpers set them again.
    """
    for name in _KEPT_ASIDE:
        _set(name, os.environ.pop(f"{name}_ORIG", None))
    if sys.platform == "linux":
        started_with = _environment_at_start()
        for name in _OVERWRITTEN:
            _set(name, started_with.get(name))
    for name in [name for name in os.environ if name.startswith(_LOADERS)]:
        del os.environ[name]


def _set(name: str, value: str | None) -> None:
    if value is not None:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


def _environment_at_start() -> dict[str, str]:
    """What this process was given, before anything in it could change it."""
    entries = os.fsdecode(Path("/proc/self/environ").read_bytes()).split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


if __name__ == "__main__":
    sys.exit(main())
