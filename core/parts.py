"""What the program is made of, as it is installed: versions, licences and their texts."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core import __version__

PROGRAM = "detection-workbench"
CLUSTER = "distributed"  # of the extra "cluster", where it is installed
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TEXT = re.compile(r"(licen[cs]e|copying|notice|third.?party)", re.I)
_LARGEST = 2 * 2**20  # characters of one part's texts
_ROOT = Path(__file__).parent.parent
_SHOWN = {
    "openvino": "OpenVINO",
    "nncf": "NNCF",
    "numpy": "NumPy",
    "opencv-python": "OpenCV",
    "opencv-python-headless": "OpenCV",
    "pyqtgraph": "PyQtGraph",
}


@dataclass(frozen=True)
class InstalledPart:
    """A distribution: its name, version and licence as it states them."""

    name: str
    version: str
    licence: str


def versions() -> dict[str, str]:
    """Of the program, Python, the system and what decides the figures."""
    program = f"{__version__}, {released() or 'not released: from its sources'}"
    found = {"Detection Workbench": program, "Python": platform.python_version()}
    installed = {_normal(part.name): part.version for part in installed_parts()}
    found |= {title: installed[name] for name, title in _SHOWN.items() if name in installed}
    return {**found, "System": platform.platform()}


def released() -> str:
    """The day of this version, as ISO has it; "" where it runs from its sources."""
    try:
        text = (_ROOT / "resources" / "released.txt").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else ""


def distribution(name: str) -> metadata.Distribution:
    """An installed distribution; a bundle has OpenCV's build without Qt in place of the other.

    Raises PackageNotFoundError.
    """
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return metadata.distribution(f"{name}-headless")


def installed_parts(
    roots: Sequence[str] = (PROGRAM, CLUSTER), without: Sequence[str] = ()
) -> tuple[InstalledPart, ...]:
    """All distributions that the program uses, by name, without itself.

    `without` are left out, with what only they need.
    """
    waiting, found = list(roots), dict[str, InstalledPart]()
    seen = set(without)
    while waiting:
        name = _normal(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            one = distribution(name)
        except metadata.PackageNotFoundError:  # of another system, or an extra
            continue
        for wanted in one.requires or ():
            match = _NAME.match(wanted)
            if match and not re.search(r"\bextra\s*==", wanted):
                waiting.append(match[0])
        if name != PROGRAM:
            found[name] = InstalledPart(one.metadata["Name"], one.version, _licence(one))
    return tuple(found[name] for name in sorted(found))


def licence_text(name: str) -> str:
    """The licences that lie in a distribution, and its notices; empty without any."""
    one = metadata.distribution(name)
    texts, length = [], 0
    for file in one.files or ():
        if not _TEXT.search(file.name) or file.suffix in (".py", ".pyc", ".pyi"):
            continue
        try:
            text = Path(str(one.locate_file(file))).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if (length := length + len(text)) > _LARGEST:
            texts.append(f"… more in {file}")
            break
        texts.append(f"{file}\n{'─' * 60}\n{text.strip()}")
    return "\n\n\n".join(texts)


def own_licence() -> str:
    """The program's own."""
    try:
        return licence_text(PROGRAM) or (_ROOT / "LICENSE").read_text(encoding="utf-8")
    except (metadata.PackageNotFoundError, OSError):
        return "Apache License 2.0: https://www.apache.org/licenses/LICENSE-2.0"


def _licence(one: metadata.Distribution) -> str:
    stated = _field(one, "License-Expression")
    if not stated:
        named = [
            value.rsplit("::", 1)[-1].strip()
            for value in one.metadata.get_all("Classifier") or ()
            if value.startswith("License ::")
        ]
        first = _field(one, "License").strip().split("\n")[0]
        stated = ", ".join(named) or first
    return stated[:100] or "see its text"


def _field(one: metadata.Distribution, name: str) -> str:
    return str((one.metadata.get_all(name) or [""])[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
