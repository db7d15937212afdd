"""What macOS installs: the .app that PyInstaller makes, in a .dmg to drag it from.

Signed where `CODESIGN_IDENTITY` names a certificate (see workbench.spec), notarized where
`NOTARY_PROFILE` names stored credentials of notarytool; without them PyInstaller signs it for this
machine alone, and others have to allow it in the system's settings.
"""

import os
import shutil
from pathlib import Path

from bundling.building import Environment, version
from launcher.environment import run

TITLE = "Detection Workbench"


def make(
    environment: Environment, tree: Path, papers: Path, work: Path, output: Path
) -> list[Path]:
    """All that macOS installs."""
    folder = work / "dmg"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(tree.parent / f"{TITLE}.app", folder / f"{TITLE}.app", symlinks=True)
    (folder / "Applications").symlink_to("/Applications")
    for paper in papers.iterdir():
        shutil.copy2(paper, folder)
    file = output / f"detection-workbench-{version()}-macos-arm64.dmg"
    image = ["hdiutil", "create", "-volname", TITLE, "-fs", "HFS+", "-format", "UDZO", "-ov"]
    run([*image, "-srcfolder", str(folder), str(file)], "hdiutil")
    if profile := os.environ.get("NOTARY_PROFILE"):
        arguments = ["--keychain-profile", profile, "--wait"]
        run(["xcrun", "notarytool", "submit", str(file), *arguments], "notarytool")
        run(["xcrun", "stapler", "staple", str(file)], "stapler")
    else:
        print("Not notarized: NOTARY_PROFILE is not set.")
    return [file]
