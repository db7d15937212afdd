"""What an installed distribution tells about its licence and about what its wheel carries."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from typing import Any

from third_party.closure import NoticesError, normal
from third_party.inside import Inside, inside

LICENSE_FILE = re.compile(r"(.*licen[sc]e.*|copying.*|copyright.*|notice.*)", re.IGNORECASE)
SOURCE_CODE = (".py", ".pyi", ".pyc", ".h", ".c", ".so", ".pyd")
NATIVE = re.compile(r"\.(so(\.\w+)*|dll|dylib|exe)$|\.framework/versions/\w+/[^/]+$")
EXTENSION_MODULE = re.compile(r"\.(cpython|cp|abi3)[^/]*\.(so|pyd)$|\.pyd$")
HASH = re.compile(r"(-[0-9a-f]{8,})+(?=[-.])")


@dataclass(frozen=True)
class Text:
    """A licence text: the name of its file, and its lines."""

    name: str
    content: str


@dataclass(frozen=True)
class Component:
    """What a bill of materials inside a wheel names; `license` is empty where it says none."""

    name: str
    version: str
    license: str


@dataclass(frozen=True)
class Library:
    """A project whose native libraries a wheel carries."""

    project: str
    license: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """What has to be said about one distribution."""

    name: str
    version: str
    license: str
    texts: tuple[Text, ...]
    libraries: tuple[Library, ...]
    components: tuple[Component, ...]
    inside: tuple[Inside, ...] = ()


@dataclass(frozen=True)
class Known:
    """`known.toml`: what the distributions leave to be known, and the folder with its texts."""

    licenses: Mapping[str, str]
    texts: Mapping[str, Sequence[str]]
    libraries: Sequence[Mapping[str, Any]]
    folder: Path
    inside: Sequence[Mapping[str, Any]] = ()


def read_notice(distribution: metadata.Distribution, known: Known) -> Notice:
    """Raises NoticesError where neither the distribution nor `known.toml` says something."""
    files = [path.as_posix() for path in distribution.files or ()]
    texts = _texts(distribution, files, known)
    native = [file for file in files if NATIVE.search(file.lower()) and not file.startswith("../")]
    named = "\n".join(text.content for text in texts)
    parts = inside(distribution, native, named, known.inside)
    return Notice(
        distribution.name,
        distribution.version,
        _license(distribution, known),
        (*texts, *(_known_text(part.text, known) for part in parts)),
        _libraries(distribution.name, files, known),
        _components(distribution, files),
        parts,
    )


def _license(distribution: metadata.Distribution, known: Known) -> str:
    name = normal(distribution.name)
    (expression,) = distribution.metadata.get_all("License-Expression") or [None]
    if (expression is None) != (name in known.licenses):
        raise NoticesError(
            f"{name}: its metadata has no SPDX expression; add one to [licenses] of known.toml."
            if expression is None
            else f"{name}: its metadata has '{expression}'; remove [licenses] {name} of known.toml."
        )
    return expression or known.licenses[name]


def _texts(
    distribution: metadata.Distribution, files: Sequence[str], known: Known
) -> tuple[Text, ...]:
    name = normal(distribution.name)
    declared = tuple(distribution.metadata.get_all("License-File") or ())
    found: dict[str, str] = {}  # by content: wheels often carry a text twice
    for file in sorted(files, key=lambda file: (".dist-info/" not in file, file)):
        if _is_license_text(file, declared):
            content = _lines(Path(str(distribution.locate_file(file))))
            found.setdefault(content, _short(file))
    for text in known.texts.get(name, ()):
        found.setdefault(_known_text(text, known).content, f"{text}.txt")
    if not found:
        raise NoticesError(
            f"{name} carries no licence text; name one for it under [texts] in known.toml."
        )
    return tuple(Text(file, content) for content, file in found.items())


def _known_text(name: str, known: Known) -> Text:
    return Text(f"{name}.txt", _lines(known.folder / f"{name}.txt"))


def _is_license_text(file: str, declared: tuple[str, ...]) -> bool:
    if file.endswith(SOURCE_CODE):
        return False
    in_metadata = ".dist-info/" in file and file.endswith(declared)
    return in_metadata or LICENSE_FILE.fullmatch(file.rpartition("/")[2]) is not None


def _short(file: str) -> str:
    """The path of a text without the folders that every wheel has."""
    return re.sub(r"^[^/]*\.dist-info/(licenses/)?", "", file)


def _lines(path: Path) -> str:
    """A text with the same ends of lines, and no spaces before them, wherever it is read."""
    text = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def _libraries(name: str, files: Sequence[str], known: Known) -> tuple[Library, ...]:
    found: dict[int, set[str]] = {}
    for file in files:
        lower = file.lower()
        if not NATIVE.search(lower) or EXTENSION_MODULE.search(lower):
            continue  # an extension module is the distribution's own code
        if lower.startswith("../"):
            continue  # a program that the distribution installs for the command line
        plain = HASH.sub("", lower)
        for index, library in enumerate(known.libraries):
            if any(fnmatchcase(plain, pattern) for pattern in library["files"]):
                found.setdefault(index, set()).add(HASH.sub("", file.rpartition("/")[2]))
                break
        else:
            raise NoticesError(
                f"{name} carries {file}, and known.toml does not know what that is; "
                "add it there, with the project that it comes from and the licence."
            )
    return tuple(
        Library(known.libraries[i]["project"], known.libraries[i]["license"], tuple(sorted(names)))
        for i, names in sorted(found.items())
    )


def _components(distribution: metadata.Distribution, files: Sequence[str]) -> tuple[Component, ...]:
    """What the CycloneDX files in the wheel name, without the distribution itself."""
    found = set()
    for file in files:
        if "/sboms/" in file and file.endswith(".json"):
            document = json.loads(Path(str(distribution.locate_file(file))).read_bytes())
            for component in document.get("components", ()):
                found.add(
                    Component(component["name"], component.get("version", ""), _stated(component))
                )
    own = normal(distribution.name)
    return tuple(
        sorted(
            (one for one in found if normal(one.name) != own),
            key=lambda one: (one.name.lower(), one.version),
        )
    )


def _stated(component: Mapping[str, Any]) -> str:
    stated = []
    for entry in component.get("licenses", ()):
        license = entry.get("license", {})
        stated.append(entry.get("expression") or license.get("id") or license.get("name", ""))
    return " AND ".join(stated)
