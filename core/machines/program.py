"""What must be alike for two machines to work together: version, code and system."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

import core
from core import __version__
from core.remarks.remark import Remark, remark
from core.values import Value


class Program(Value):
    """The program on a machine: `code` is a hash of its sources, `system` such as Linux x86_64."""

    version: str
    code: str
    system: str


@cache
def this_program() -> Program:
    """As it runs here."""
    system = f"{platform.system()} {platform.machine()}"
    return Program(version=__version__, code=_code(), system=system)


def _code() -> str:
    """A hash of all modules of the core, by name and content; a bundle has their sources, too."""
    root = Path(core.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"\0{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def refusal(theirs: Program, ours: Program) -> Remark | None:
    """Why nothing is sent to a worker with that program; None where it is ours."""
    if theirs.system != ours.system:
        return remark("other_system", theirs=theirs.system, ours=ours.system)
    if theirs.version != ours.version:
        return remark("other_version", theirs=theirs.version, ours=ours.version)
    if theirs.code != ours.code:
        return remark("other_code", version=ours.version)
    return None
