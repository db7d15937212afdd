#!/usr/bin/env python3
"""Try a .deb in a bare root: over an older one, away again and back, with the projects kept.

    packaging/try_deb.py FILE.deb --root ROOT

ROOT is a Debian or Ubuntu with a user `user` and with apt's sources, such as `debootstrap
--variant=minbase` makes. The older package is the same one with a lower version and a file that the
newer one lacks. Ends where anything of the workspace is not as it was.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bundling.building import NAME
from launcher.checkout import ROOT
from walk_bundle import Place

_PROJECT = ROOT / "tests" / "core" / "stored" / "0.2.0" / "project.dwproject"
_OLDER, _ONLY_THERE = "0.0.1", f"opt/{NAME}/_internal/of-an-older-version.txt"
_LISTINGS = (("scorecard",), ("results",), ("trash",))
_PLACES = (f"opt/{NAME}", f"usr/bin/{NAME}", f"usr/bin/{NAME}-window", f"usr/share/doc/{NAME}")
_WORKSPACE = f".local/share/{NAME}"


def main(arguments: list[str]) -> int:
    """Try it; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("package", type=Path)
    parser.add_argument("--root", type=Path, required=True)
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    with tempfile.TemporaryDirectory() as folder:
        older = older_than(options.package, Path(folder))
        for name, file in (("older.deb", older), ("newer.deb", options.package)):
            shutil.copyfile(file, root / "tmp" / name)
    try_it(root, Place(NAME, root, root))
    return 0


def older_than(package: Path, folder: Path) -> Path:
    """The package with a lower version, and with a file that only it has."""
    tree, file = folder / "tree", folder / "older.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN" / "control"
    lines = control.read_text(encoding="utf-8").splitlines(keepends=True)
    older = [f"Version: {_OLDER}\n" if one.startswith("Version:") else one for one in lines]
    control.write_text("".join(older), encoding="utf-8")
    (tree / _ONLY_THERE).write_text("older")
    pack = ["dpkg-deb", "--root-owner-group", "-Znone", "--build"]
    subprocess.run([*pack, tree, file], check=True, stdout=subprocess.DEVNULL)
    return file


def try_it(root: Path, place: Place) -> None:
    """SystemExit where anything is not as it should be."""
    workspace = place.inside(f"{place.home}/{_WORKSPACE}")
    require(not workspace.exists(), f"{workspace} is there already.")
    apt(root, "update")
    apt(root, "install", "/tmp/older.deb")
    require((root / _ONLY_THERE).exists(), "The older package is not installed.")
    shutil.copyfile(_PROJECT, place.inside(f"{place.work}/it.dwproject"))
    place.run("import-project", "it.dwproject")
    place.run("edit-project", "1", "--name", "Zoë's model", "--notes", "To be kept")
    listed, kept = listings(place), files(workspace)
    require("Zoë's model" in json.dumps(listed, ensure_ascii=False), "It is not listed.")
    print(f"{_OLDER} installed, with {len(kept)} files in the workspace.")

    apt(root, "install", "/tmp/newer.deb")
    require(not (root / _ONLY_THERE).exists(), "A file of the older package is left.")
    require_same(place, workspace, listed, kept)
    print("Installed over it: nothing old is left, and everything is found.")

    said = apt(root, "remove", NAME)
    require(_WORKSPACE in said, f"Removing does not say where the projects are:\n{said}")
    left = [name for name in _PLACES if (root / name).is_symlink() or (root / name).exists()]
    left += [str(path) for path in (root / "usr/share").rglob(f"*{NAME}*")]
    require(not left, f"Left: {', '.join(left)}.")
    require(files(workspace) == kept, "Removing changed the workspace.")
    print("Removed, which says where the projects are; they are as they were.")

    apt(root, "install", "/tmp/newer.deb")
    require_same(place, workspace, listed, kept)
    print("Installed again: everything is found.")


def apt(root: Path, *command: str) -> str:
    """What apt-get says of a command in the root; SystemExit where it fails."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "--no-install-recommends"]
    done = subprocess.run(
        ["chroot", root, *quiet, *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    require(done.returncode == 0, done.stdout)
    return done.stdout


def listings(place: Place) -> list[object]:
    """What the terminal tells of the workspace."""
    return [json.loads(place.run(*command, "--json")) for command in _LISTINGS]


def files(workspace: Path) -> dict[str, str]:
    """The hash of each file; of the database, which is written when opened, the name alone."""
    found = {}
    for path in sorted(workspace.rglob("*")):
        if path.is_file() and not path.name.endswith(("-wal", "-shm")):
            data = b"" if path.suffix == ".sqlite3" else path.read_bytes()
            found[str(path.relative_to(workspace))] = hashlib.sha256(data).hexdigest()
    return found


def require_same(place: Place, workspace: Path, listed: list[object], kept: dict[str, str]) -> None:
    """SystemExit where the workspace, or what is told of it, is not what it was."""
    require(listings(place) == listed, "The terminal tells something else of the workspace.")
    require(files(workspace) == kept, "Files of the workspace are not as they were.")


def require(true: bool, else_say: str) -> None:
    """SystemExit with a sentence unless something is so."""
    if not true:
        raise SystemExit(else_say)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
