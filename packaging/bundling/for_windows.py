"""What a Windows system installs: an installer of NSIS for one user, and a portable .zip."""

import os
import shutil
import time
import zipfile
from pathlib import Path

from bundling.building import ICON, Environment, build_time, version
from launcher.checkout import ROOT
from launcher.environment import run
from launcher.stop import Stop

_SCRIPT = ROOT / "packaging" / "bundling" / "windows" / "installer.nsi"
_USUAL = ("ProgramFiles(x86)", "ProgramFiles")
TITLE = "Detection Workbench"


def make(
    environment: Environment, tree: Path, papers: Path, work: Path, output: Path
) -> list[Path]:
    """All that Windows installs; `papers` lie in `tree` already."""
    return [make_installer(tree, work / "frozen" / ICON, output), make_zip(tree, output)]


def make_installer(tree: Path, icon: Path, output: Path) -> Path:
    """The installer; gives its file. It can be made on Linux as well, of a tree for Windows."""
    file = output / f"detection-workbench-{version()}-windows-x64.exe"
    listed = tree.parent / "installed.nsh"
    listed.write_text(removals(tree), encoding="utf-8")
    defined = {
        "TREE": tree.resolve(),
        "ICON": icon.resolve(),
        "REMOVALS": listed.resolve(),
        "VERSION": version(),
        "KILOBYTES": sum(path.stat().st_size for path in tree.rglob("*")) // 1024,
        "OUTPUT": file.resolve(),
    }
    command = [_makensis(), "-V2", *(f"-D{name}={value}" for name, value in defined.items())]
    os.environ["SOURCE_DATE_EPOCH"] = str(build_time())
    run([*command, str(_SCRIPT)], "makensis")
    return file


def removals(tree: Path) -> str:
    """What uninstalling removes, in NSIS's words: what was installed, and nothing else.

    A folder of the program goes whole, for it holds what no user puts there; beside it only the
    files that were installed do, for the user may have chosen any folder.
    """
    lines = []
    for path in sorted(tree.iterdir()):
        if any(character in path.name for character in '"$`'):
            raise Stop(f"{path.name} cannot be named in an installer.")
        lines.append(f'{"RMDir /r" if path.is_dir() else "Delete"} "$INSTDIR\\{path.name}"')
    return "\n".join(lines) + "\n"


def make_zip(tree: Path, output: Path) -> Path:
    """The program in a .zip, to be run from wherever it is unpacked; gives its file."""
    file = output / f"detection-workbench-{version()}-windows-x64.zip"
    when = time.gmtime(max(build_time(), 315_532_800))[:6]  # a .zip knows no time before 1980
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                name = f"{TITLE}/{path.relative_to(tree).as_posix()}"
                entry = zipfile.ZipInfo(name, when)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(entry, "w") as target:
                    shutil.copyfileobj(source, target)
    return file


def _makensis() -> str:
    places = [os.environ.get(name, "") for name in _USUAL]
    known = [str(Path(place, "NSIS", "makensis.exe")) for place in places if place]
    found = shutil.which("makensis") or next((one for one in known if Path(one).is_file()), None)
    if found is None:
        raise Stop("makensis was not found. Install NSIS 3 (https://nsis.sourceforge.io) first.")
    return found
