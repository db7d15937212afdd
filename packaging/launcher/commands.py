"""What `packaging/launch.py` can be asked to do."""

import os
import sys
from pathlib import Path

from launcher import display, environment, locks, system_packages
from launcher.checkout import script
from launcher.stop import Stop

USAGE = """\
usage: launch.py [OPTIONS] [MODEL]        install if needed, and open the window
       launch.py setup                   install, and stop there
       launch.py test [PYTEST ARGUMENTS] run the whole suite, without a display
       launch.py check [NAME ...]        run its checks alone: ruff, mypy, layers, notices
       launch.py install-shortcut        put the program into the desktop's menu
"""
FROM_SHORTCUT = "from-shortcut"  # what a double-clicked shortcut asks for: the window


def main(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        return _run(command, rest)
    except Stop as stop:
        from launcher.say import say

        say(stop.sentence, from_shortcut=command == FROM_SHORTCUT)
        return stop.status
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on from here.", file=sys.stderr)
        return 130


def open_window(window_options: list[str]) -> int:
    _install()
    if not display.has_display(os.environ):
        raise Stop(display.no_display_sentence())
    # Without a console (pythonw on Windows) the window is not to bring one along.
    python = script("python" if sys.stdout is not None else "pythonw")
    # -P: a folder named `app` where the user happens to be is not the program.
    return _become([str(python), "-P", "-m", "app", *window_options])


def open_window_from_shortcut(window_options: list[str]) -> int:
    if not environment.is_ready(environment.RUN):
        from launcher.say import notify

        notify("Installing; the window opens in a few minutes.")
    return open_window(window_options)


def setup(rest: list[str]) -> int:
    _nothing_after("setup", rest)
    _install()
    print(f"Ready: {os.path.relpath(script('detection-workbench'))}")
    return 0


def test(pytest_arguments: list[str]) -> int:
    from launcher import suite

    _have_system_packages(system_packages.Needs(x11=True, suite=True), environment.TEST)
    environment.ensure(environment.TEST)
    return suite.run(pytest_arguments)


def check(names: list[str]) -> int:
    from launcher import suite

    environment.ensure(environment.TEST)
    return suite.check(names)


def install_shortcut(rest: list[str]) -> int:
    from launcher import shortcut

    _nothing_after("install-shortcut", rest)
    _install()  # so that the first double-click opens the window at once
    print(shortcut.install(FROM_SHORTCUT))
    return 0


COMMANDS = {
    "setup": setup,
    "test": test,
    "check": check,
    "install-shortcut": install_shortcut,
    FROM_SHORTCUT: open_window_from_shortcut,
}


def _run(command: str, rest: list[str]) -> int:
    if command in COMMANDS:
        return COMMANDS[command](rest)
    if command in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if not command or command.startswith("-") or Path(command).exists():
        return open_window([command, *rest] if command else [])
    raise Stop(f"'{command}' is not something that launch.py does.\n{USAGE}")


def _install() -> None:
    # Root gets the window's libraries without a display too, for the day when there is one;
    # other users would have to ask somebody for what they do not need yet.
    root = sys.platform == "linux" and os.geteuid() == 0
    needs = system_packages.Needs(
        x11=display.uses_x11(os.environ) or root, wayland=display.uses_wayland(os.environ)
    )
    _have_system_packages(needs, environment.RUN)
    environment.ensure(environment.RUN)


def _have_system_packages(needs: system_packages.Needs, parts: str) -> None:
    locks.this_system()  # before anything is installed
    new_venv = not environment.is_ready(parts) and not environment.is_usable()
    system_packages.ensure(needs._replace(new_venv=new_venv))


def _nothing_after(command: str, rest: list[str]) -> None:
    if rest:
        raise Stop(f"'{command}' takes nothing after it, and there is '{rest[0]}'.\n{USAGE}")


def _become(command: list[str]) -> int:
    """Replace this process, where the system can do that."""
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)
    import subprocess

    return subprocess.run(command, check=False).returncode
