"""Which modules a start may import: lists that name them, and what is not on them."""

from __future__ import annotations

import sys
from collections.abc import Collection


def modules(listed: str) -> set[str]:
    """Full names, of lines such as ``core.jobs: job runner``, and of the packages around them."""
    found = set()
    for line in filter(None, map(str.strip, listed.splitlines())):
        package, _, names = line.partition(": ")
        found |= {f"{package}.{name}" for name in names.split()}
        parts = package.split(".")
        found |= {".".join(parts[: count + 1]) for count in range(len(parts))}
    return found


def newcomers(
    imported: Collection[str], ours: Collection[str], others: Collection[str]
) -> set[str]:
    """Modules of the program that are not among `ours`, and libraries that are not among `others`.

    Modules of Python itself are passed over: they differ from one version to the next.
    """
    own = {name for name in imported if name.split(".")[0] in ("app", "core")}
    libraries = {name.split(".")[0] for name in imported if name not in own}
    return (own - set(ours)) | (libraries - set(sys.stdlib_module_names) - set(others))
