"""Third-party notices and a bill of materials of a bundle: papers.py TREE MODULES FOLDER.

Run with the Python of the environment that the bundle was made in. MODULES is PyInstaller's list of
Python modules inside. Writes THIRD_PARTY_NOTICES.md, LICENSE_TEXTS.txt, LICENSE and sbom.cdx.json
(CycloneDX).
"""

import ast
import dataclasses
import os
import platform
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot5
from license_expression import get_spdx_licensing
from packageurl import PackageURL

from launcher.checkout import PYPROJECT, ROOT
from notices import FOLDER, read_known
from third_party.closure import closure, normal, required
from third_party.document import render
from third_party.reading import Known, Notice, read_notice

_TEXTS_THERE = "packaging/third_party/LICENSE_TEXTS.txt"  # in the checkout
OPENCV, HEADLESS = "opencv-python", "opencv-python-headless"


def main(tree: Path, modules: Path, output: Path) -> None:
    """Write the papers."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    wanted = [text.replace(OPENCV, HEADLESS, 1) for text in required(project)]
    found = closure(wanted, sys.path)
    held = packages_in(tree, modules)
    inside = {name: one for name, one in found.items() if name in held}
    if missing := held & {normal(one) for one in wanted if "[" not in one} - inside.keys():
        raise SystemExit(f"Of {', '.join(missing)} nothing is known.")
    known = _for_headless(read_known())
    notices = [_only_inside(read_notice(one, known), tree) for one in inside.values()]
    frame = (FOLDER / "THIRD_PARTY_NOTICES.md.in").read_text(encoding="utf-8")
    documents = render(notices, frame, f"{platform.system()} {platform.machine()}, for a bundle")
    output.mkdir(parents=True, exist_ok=True)
    overview = documents.overview.replace(_TEXTS_THERE, "LICENSE_TEXTS.txt")
    (output / "THIRD_PARTY_NOTICES.md").write_text(overview, encoding="utf-8")
    (output / "LICENSE_TEXTS.txt").write_text(documents.texts, encoding="utf-8")
    shutil.copyfile(ROOT / "LICENSE", output / "LICENSE")
    (output / "sbom.cdx.json").write_text(bill(notices, tree), encoding="utf-8")


def packages_in(tree: Path, modules: Path) -> set[str]:
    """Normal names of the distributions that have a module or a file in the bundle."""
    listed = ast.literal_eval(modules.read_text(encoding="utf-8"))[1]
    tops = {name.partition(".")[0] for name, source, _ in listed if "stand_ins" not in source}
    tops |= {path.name.partition(".")[0] for path in (tree / "_internal").iterdir()}
    found = metadata.packages_distributions()
    return {normal(one) for top in tops for one in found.get(top, ()) if normal(one) != "scipy"} | (
        {"scipy"} if (tree / "_internal" / "scipy").is_dir() else set()
    )


def _for_headless(known: Known) -> Known:
    return dataclasses.replace(
        known, licenses={(HEADLESS if k == OPENCV else k): v for k, v in known.licenses.items()}
    )


def _only_inside(notice: Notice, tree: Path) -> Notice:
    """Without the native libraries that the bundle leaves out."""
    names = {path.name for path in tree.rglob("*")}

    def kept(files: Iterable[str]) -> tuple[str, ...]:
        plain = tuple(file for file in files if any(_same(file, name) for name in names))
        return plain

    libraries = [dataclasses.replace(one, files=kept(one.files)) for one in notice.libraries]
    return dataclasses.replace(notice, libraries=tuple(one for one in libraries if one.files))


def _same(plain: str, name: str) -> bool:
    """Whether a library, named without the hash of a wheel's builder, is this file."""
    first, _, rest = plain.partition(".")
    return name == plain or (name.startswith(first) and name.endswith(rest))


def bill(notices: Iterable[Notice], tree: Path) -> str:
    """The bill of materials as CycloneDX 1.5 JSON: the same bytes for the same contents."""
    bom = Bom()
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    version = metadata.version("detection-workbench")
    own = _component("detection-workbench", version, "Apache-2.0", ComponentType.APPLICATION)
    bom.metadata.component = own
    parts: list[Any] = list(_pythons_own(tree))
    for notice in notices:
        package = _component(notice.name, notice.version, notice.license, ComponentType.LIBRARY)
        package.purl = PackageURL("pypi", name=normal(notice.name), version=notice.version)
        within = [
            *((one.project, "", one.license) for one in notice.libraries),
            *((one.project, "", one.license) for one in notice.inside),
            *((one.name, one.version, one.license) for one in notice.components),
        ]
        for name, number, license in within:
            version = number or (notice.version if name.startswith("Qt 6") else "")
            inner = _component(name, version, license, ComponentType.LIBRARY, notice.name)
            package.components.add(inner)
        parts.append(package)
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(own, parts)
    from uuid import NAMESPACE_URL, uuid5

    bom.serial_number = uuid5(NAMESPACE_URL, f"detection-workbench {version} {epoch}")
    return str(JsonV1Dot5(bom).output_as_string(indent=1)) + "\n"


def _pythons_own(tree: Path) -> Iterable[Component]:
    """Python itself, what it links that lies in the bundle, and the program that loads it."""
    yield _component("Python", platform.python_version(), "PSF-2.0", ComponentType.PLATFORM)
    yield _component(
        "PyInstaller bootloader",
        metadata.version("pyinstaller"),
        "GPL-2.0-or-later WITH Bootloader-exception",
        ComponentType.LIBRARY,
    )
    linked = {
        "libssl": ("OpenSSL", ssl.OPENSSL_VERSION.split()[1], "Apache-2.0"),
        "libsqlite3": ("SQLite", sqlite3.sqlite_version, "blessing"),
        "libz": ("zlib", zlib.ZLIB_RUNTIME_VERSION, "Zlib"),
        "libbz2": ("bzip2", "", "bzip2-1.0.6"),
        "liblzma": ("XZ Utils (liblzma)", "", "0BSD"),
        "libffi": ("libffi", "", "MIT"),
    }
    for path in sorted((tree / "_internal").iterdir()):
        name, version, license = linked.get(path.name.partition(".")[0], ("", "", ""))
        if name:
            known = version or _systems_version(path.name)
            yield _component(name, known, license, ComponentType.LIBRARY)


def _systems_version(library: str) -> str:
    """The version of the Debian package that a library of this machine is from; "" elsewhere."""
    query = shutil.which("dpkg-query")
    if query is None:
        return ""
    owner = subprocess.run(
        [query, "--search", f"*/{library}"], capture_output=True, text=True, check=False
    ).stdout
    package = owner.partition(": ")[0]
    if not package:
        return ""
    show = [query, "--show", "--showformat", "${source:Upstream-Version}", package]
    return subprocess.run(show, capture_output=True, text=True, check=False).stdout


def _component(
    name: str, version: str, license: str, kind: ComponentType, within: str = ""
) -> Component:
    known = get_spdx_licensing()
    stated: list[Any] = []
    if license:
        valid = not known.unknown_license_keys(license, simple=True) and " " not in license
        stated = [
            LicenseExpression(license)
            if not known.unknown_license_keys(license)
            else DisjunctiveLicense(name=license)
        ]
        if valid:
            stated = [DisjunctiveLicense(id=license)]
    reference = ":".join(filter(None, (within, name, version)))
    return Component(
        type=kind, name=name, version=version or None, licenses=stated, bom_ref=reference
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
