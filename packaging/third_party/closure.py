"""Which distributions the program needs at run time, directly or through another."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

from packaging.requirements import Requirement

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
)
ENVIRONMENTS = [
    [
        {**system, "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
        for python in PYTHONS
    ]
    for system in SYSTEMS
]


def required(project: Mapping[str, Any]) -> list[str]:
    """What a pyproject's table ``project`` asks for: the program's, and of the extra "cluster"."""
    return [*project["dependencies"], *project["optional-dependencies"]["cluster"]]


class NoticesError(Exception):
    """A sentence that says what is wrong, and what to do."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(
    requirements: Iterable[str], folders: Sequence[str]
) -> dict[str, metadata.Distribution]:
    """The distributions in `folders` that the requirements lead to, by normal name, sorted.

    What one of the supported Pythons needs is installed on all of them, as the locks have it.
    Raises NoticesError where one is not installed, or where the systems need different ones: the
    notices have one list for all of them.
    """
    installed = {normal(found.name): found for found in metadata.distributions(path=[*folders])}
    roots = [Requirement(text) for text in requirements]
    needed = [
        set[str].union(*(_needed(roots, installed, environment) for environment in of_system))
        for of_system in ENVIRONMENTS
    ]
    if differing := set[str].union(*needed) - set[str].intersection(*needed):
        raise NoticesError(
            f"Only some systems need {', '.join(sorted(differing))}; "
            "the notices have one list for all: give them a list of their own first."
        )
    return {name: installed[name] for name in sorted(needed[0])}


def _needed(
    roots: Iterable[Requirement],
    installed: dict[str, metadata.Distribution],
    environment: dict[str, str],
) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop()
        name = normal(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate(environment):
            continue
        if name in found:
            continue
        if name not in installed:
            raise NoticesError(
                f"{requirement.name} is needed and not installed; "
                "'python3 packaging/launch.py test' installs everything."
            )
        found.add(name)
        waiting += [Requirement(text) for text in installed[name].requires or ()]
    return found
