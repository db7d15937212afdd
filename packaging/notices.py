"""Third-party notices, made from the installed packages.

    .venv/bin/python packaging/notices.py                  write the committed files anew
    .venv/bin/python packaging/notices.py --check          compare them with what is installed
    .venv/bin/python packaging/notices.py --output FOLDER  for a bundle that is made on this system

The committed files are made on Linux x86-64. There, --check compares every byte, on each supported
Python. On another system the wheels carry other native libraries and longer licence texts: --check
makes the whole document there too, so that nothing unknown passes, compares the list of
distributions with versions and licences, and says which texts it could not compare.
"""

import argparse
import difflib
import platform
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from launcher.checkout import PYPROJECT, ROOT
from launcher.locks import files, pinned
from third_party.closure import NoticesError, closure, required
from third_party.document import Documents, render
from third_party.reading import Known, read_notice

FOLDER = ROOT / "packaging" / "third_party"
OVERVIEW = Path("THIRD_PARTY_NOTICES.md")
TEXTS = Path("packaging/third_party/LICENSE_TEXTS.txt")
REFERENCE = "Linux x86_64"
SHOWN_LINES = 40  # of a difference


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="notices.py",
        usage="notices.py [--check | --output FOLDER]",
        description="Make the third-party notices from the installed packages.",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="compare the committed files")
    choice.add_argument("--output", type=Path, metavar="FOLDER", help="write both files there")
    options = parser.parse_args(arguments)
    system = f"{platform.system()} {platform.machine()}"
    try:
        documents = make(sys.path, system)
        if options.check:
            print(check(documents, ROOT, system))
        elif options.output is not None:
            write(documents, options.output / OVERVIEW.name, options.output / TEXTS.name)
        elif system != REFERENCE:
            raise NoticesError(
                f"The committed notices are made on {REFERENCE}, and this is {system}; "
                "use --output FOLDER for a bundle."
            )
        else:
            write(documents, ROOT / OVERVIEW, ROOT / TEXTS)
    except NoticesError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make(folders: Sequence[str], system: str) -> Documents:
    """The notices of what is installed in `folders`."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    found = closure(required(project), folders)
    (lock,) = files(suite=False)
    versions = pinned(lock.read_text(encoding="utf-8"))
    for name, distribution in found.items():
        if versions.get(name) != distribution.version:
            raise NoticesError(
                f"{name} {distribution.version} is installed, and {lock.relative_to(ROOT)} pins "
                f"{versions.get(name, 'none')}: 'python3 packaging/launch.py test' installs it."
            )
    known = read_known()
    if unneeded := (known.licenses.keys() | known.texts.keys()) - found.keys():
        raise NoticesError(f"known.toml names {', '.join(sorted(unneeded))}, which nothing needs.")
    notices = [read_notice(distribution, known) for distribution in found.values()]
    frame = (FOLDER / "THIRD_PARTY_NOTICES.md.in").read_text(encoding="utf-8")
    return render(notices, frame, system)


def read_known() -> Known:
    """What known.toml and the folder of texts say."""
    content = tomllib.loads((FOLDER / "known.toml").read_text(encoding="utf-8"))
    return Known(
        content["licenses"],
        content["texts"],
        content["libraries"],
        FOLDER / "texts",
        content["inside"],
    )


def check(documents: Documents, root: Path, system: str) -> str:
    """Compare with the files below `root`; gives a sentence, raises NoticesError."""
    overview, texts = _read(root / OVERVIEW), _read(root / TEXTS)
    if system == REFERENCE:
        for name, committed, made in (
            (OVERVIEW, overview, documents.overview),
            (TEXTS, texts, documents.texts),
        ):
            if committed != made:
                raise NoticesError(_difference(name, committed, made))
        return f"{OVERVIEW} and {TEXTS} are what the installed packages make."
    if documents.distributions not in overview:
        raise NoticesError(_difference(OVERVIEW, overview, documents.distributions))
    others = [text for text in documents.different_texts if text not in texts]
    return (
        f"The distributions in {OVERVIEW} are those installed. On {system} the wheels carry "
        f"{len(others)} of {len(documents.different_texts)} licence texts in another form than on "
        f"{REFERENCE}; those, and native libraries, are compared there only."
    )


def write(documents: Documents, overview: Path, texts: Path) -> None:
    overview.parent.mkdir(parents=True, exist_ok=True)
    overview.write_text(documents.overview, encoding="utf-8", newline="\n")
    texts.write_text(documents.texts, encoding="utf-8", newline="\n")
    print(f"Written: {overview}, {texts}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _difference(name: Path, committed: str, made: str) -> str:
    lines = list(
        difflib.unified_diff(
            committed.splitlines(), made.splitlines(), "committed", "installed", lineterm="", n=0
        )
    )
    more = f"\n... and {len(lines) - SHOWN_LINES} lines more" if len(lines) > SHOWN_LINES else ""
    return (
        "\n".join(lines[:SHOWN_LINES])
        + more
        + f"\n{name} is not what the installed packages make; write it anew with "
        "'.venv/bin/python packaging/notices.py', look at the difference, and commit it."
    )


if __name__ == "__main__":
    sys.exit(main())
