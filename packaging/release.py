#!/usr/bin/env python3
"""The steps of a release, each to be run by hand as well; .github/workflows/release.yml calls them.

    packaging/release.py require-version TAG    fail unless TAG is v and the version of the sources
    packaging/release.py changes TAG            print what CHANGELOG.md says of this version
    packaging/release.py checksums DIR          write DIR/SHA256SUMS of everything in it
    packaging/release.py sign DIR               sign the installers for Windows in DIR

`sign` runs the command in SIGN_COMMAND with the file's name at its end, and says that it signs
nothing where that is not set. macOS's are signed as they are made (see for_macos.py).
"""

import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bundling import building, made
from launcher.checkout import ROOT
from launcher.environment import run
from launcher.stop import Stop


def require_version(tag: str) -> None:
    """Raises Stop where a tag is not that of the sources, or the changelog lacks the version."""
    if tag != f"v{building.version()}":
        raise Stop(f"The tag is {tag}, and core/__init__.py says {building.version()}.")
    of_version(tag.removeprefix("v"))
    print(f"{tag} is the version of the sources.")


def of_version(version: str) -> str:
    """What CHANGELOG.md says of a version; raises Stop where it says nothing."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    found = [part for part in parts if re.match(rf"\[?{re.escape(version)}\]?(?!\S)", part)]
    if not found:
        raise Stop(f"CHANGELOG.md has nothing on {version}.")
    return found[0].partition("\n")[2].strip() + "\n"


def changes(tag: str) -> None:
    """Print it."""
    print(of_version(tag.removeprefix("v")), end="")


def checksums(folder: str) -> None:
    """Of all files but an older list."""
    place = Path(folder)
    files = sorted(path for path in place.iterdir() if path.name != "SHA256SUMS")
    print(f"Made: {made.checksums(files, place)}")


def sign(folder: str) -> None:
    """Windows' installers, where there is something to sign them with."""
    command = os.environ.get("SIGN_COMMAND", "")
    for file in sorted(Path(folder).glob("*.exe")):
        if not command:
            print(f"Not signed, since SIGN_COMMAND is not set: {file.name}")
            continue
        run([*shlex.split(command), str(file)], "SIGN_COMMAND")
        print(f"Signed: {file.name}")


STEPS: dict[str, Callable[[str], None]] = {
    "require-version": require_version,
    "changes": changes,
    "checksums": checksums,
    "sign": sign,
}


def main(arguments: list[str]) -> int:
    """Do one step; gives the exit status."""
    if len(arguments) != 2 or arguments[0] not in STEPS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        STEPS[arguments[0]](arguments[1])
    except Stop as stop:
        print(stop.sentence, file=sys.stderr)
        return stop.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
