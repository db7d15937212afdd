"""What is asked of a bundle before it is packed."""

import re
import subprocess
from pathlib import Path

from bundling.for_linux import OLDEST_GLIBC
from launcher.stop import Stop

_SYMBOL = re.compile(r"\bGLIBC_(\d+(?:\.\d+)+)\b")


def require_old_glibc(tree: Path) -> str:
    """The newest glibc that a file asks for; raises Stop where the package says less."""
    newest: tuple[int, ...] = (0,)
    where = tree
    for path in sorted(tree.rglob("*")):
        if path.is_symlink() or not path.is_file() or not _is_elf(path):
            continue
        done = subprocess.run(
            ["objdump", "-T", str(path)], capture_output=True, text=True, check=False
        )
        for found in _SYMBOL.findall(done.stdout):
            version = tuple(map(int, found.split(".")))
            if version > newest:
                newest, where = version, path
    text = ".".join(map(str, newest))
    if newest > tuple(map(int, OLDEST_GLIBC.split("."))):
        raise Stop(
            f"{where.relative_to(tree)} asks for glibc {text}; the packages say {OLDEST_GLIBC}: "
            "build on an older system."
        )
    print(f"The newest glibc that is asked for is {text}, by {where.relative_to(tree)}.")
    return text


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
