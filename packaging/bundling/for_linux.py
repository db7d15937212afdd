"""What a Linux system installs: a .deb, and an archive with an installer script.

And an AppImage where what makes one is at hand, which no package registry has: a squashed folder
behind AppImage's own runtime (type 2), which mounts it. `APPIMAGE_RUNTIME` names that one's file.
"""

import os
import shutil
from pathlib import Path

from bundling.building import NAME, Environment, build_time, release_date, version
from launcher import system_packages
from launcher.checkout import ICON, ROOT
from launcher.environment import run

OLDEST_GLIBC = "2.35"
"""Of Ubuntu 22.04; Debian 12 has 2.36. `checks.py` compares it with what the libraries ask for."""

_LINUX = ROOT / "packaging" / "bundling" / "linux"
_ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_FOLDER = "/opt/detection-workbench"
_CONTROL = """\
Package: detection-workbench
Version: {version}
Architecture: amd64
Maintainer: Detection Workbench contributors
Section: science
Priority: optional
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: xdg-utils, shared-mime-info, desktop-file-utils, hicolor-icon-theme
Suggests: intel-opencl-icd
Description: quantize object detectors and see what it costs
 Makes an object detector smaller and faster with OpenVINO INT8, measures the
 speed with its spread, and shows every image where the predictions changed.
 Nothing is sent anywhere.
"""
_RUNTIME = "APPIMAGE_RUNTIME"
_REMOVED = f"""\
#!/bin/sh
set -e
if [ "$1" = remove ]; then
    echo "Removed. Projects stay in each user's ~/.local/share/{NAME}."
fi
"""
_APP_RUN = f"""\
#!/bin/sh
# The window; through a link that is called {NAME}, the terminal's command.
here=$(dirname "$(readlink -f "$0")")
program=$here/opt/{NAME}/{NAME}
[ "$(basename "${{ARGV0:-}}")" = {NAME} ] || program=$program-window
unset APPDIR APPIMAGE ARGV0 OWD # of the runtime: browser and file manager are not to get them
exec "$program" "$@"
"""


def make(
    environment: Environment, tree: Path, papers: Path, work: Path, output: Path
) -> list[Path]:
    """All that Linux installs."""
    shared = work / "share"
    shutil.rmtree(shared, ignore_errors=True)
    share(environment, shared)
    kinds = (make_deb, make_archive, make_appimage)
    made = [each(tree, shared, papers, work, output) for each in kinds]
    return [file for file in made if file is not None]


def share(environment: Environment, folder: Path) -> None:
    """What the desktop reads: menu entry, file types, metainfo and icons, as below /usr/share."""
    places = {
        "applications": "detection-workbench.desktop",
        "mime/packages": "detection-workbench.xml",
        "metainfo": "detection-workbench.metainfo.xml",
    }
    for place, name in places.items():
        (folder / place).mkdir(parents=True)
        text = (_LINUX / name).read_text(encoding="utf-8")
        filled = text.replace("@version@", version()).replace("@date@", release_date())
        (folder / place / name).write_text(filled, encoding="utf-8")
    icons = folder / "icons" / "hicolor"
    scalable = icons / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copyfile(ICON, scalable / ICON.name)
    sizes = [str(size) for size in _ICON_SIZES]
    script = str(ROOT / "packaging" / "bundling" / "icons.py")
    environment.run("-P", script, str(ICON), str(icons), *sizes, QT_QPA_PLATFORM="offscreen")


def make_deb(tree: Path, shared: Path, papers: Path, work: Path, output: Path) -> Path:
    """A Debian package of the program in /opt; gives its file."""
    root = work / "deb"
    shutil.rmtree(root, ignore_errors=True)
    program = root / _FOLDER.lstrip("/")
    program.parent.mkdir(parents=True)
    shutil.copytree(tree, program, symlinks=True)
    shutil.copytree(shared, root / "usr" / "share")
    shutil.copytree(papers, root / "usr" / "share" / "doc" / NAME)
    commands = root / "usr" / "bin"
    commands.mkdir()
    for name in (NAME, f"{NAME}-window"):
        (commands / name).symlink_to(f"{_FOLDER}/{name}")
    kilobytes = sum(path.lstat().st_size for path in root.rglob("*")) // 1024
    control = _CONTROL.format(version=version(), kilobytes=kilobytes, depends=", ".join(depends()))
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    _write_script(root / "DEBIAN" / "postrm", _REMOVED)
    settle(root)
    file = output / f"{NAME}_{version()}_amd64.deb"
    _as_built(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(root), str(file)],
        "dpkg-deb",
    )
    return file


def make_archive(tree: Path, shared: Path, papers: Path, work: Path, output: Path) -> Path:
    """A .tar.xz with the program and the script that installs it for one user; gives its file."""
    root = work / "archive" / f"{NAME}-{version()}"
    shutil.rmtree(root.parent, ignore_errors=True)
    root.mkdir(parents=True)
    shutil.copytree(tree, root / NAME, symlinks=True)
    shutil.copytree(shared, root / "share")
    shutil.copytree(papers, root, dirs_exist_ok=True)
    shutil.copy2(_LINUX / "install.sh", root)
    settle(root)
    file = output / f"{NAME}-{version()}-linux-x86_64.tar.xz"
    _as_built(
        [
            *("tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"),
            *("-C", str(root.parent), "-I", "xz -6 -T2", "-cf", str(file), root.name),
        ],
        "tar",
    )
    return file


def make_appimage(tree: Path, shared: Path, papers: Path, work: Path, output: Path) -> Path | None:
    """One file that runs as it is; gives it, or None where it was said what is missing."""
    runtime, squash = os.environ.get(_RUNTIME, ""), shutil.which("mksquashfs")
    if not runtime or squash is None:
        print(f"No AppImage: that takes mksquashfs, and AppImage's runtime in {_RUNTIME}.")
        return None
    root = work / "appimage"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(tree, root / _FOLDER.lstrip("/"), symlinks=True)
    shutil.copytree(shared, root / "usr" / "share")
    shutil.copytree(papers, root / "usr" / "share" / "doc" / NAME)
    _write_script(root / "AppRun", _APP_RUN)
    shutil.copy2(shared / "applications" / f"{NAME}.desktop", root)
    shutil.copy2(ICON, root)
    shutil.copy2(shared / "icons/hicolor/256x256/apps" / f"{NAME}.png", root / ".DirIcon")
    settle(root)
    squashed = work / "appimage.squashfs"
    plain = ("-noappend", "-all-root", "-no-xattrs", "-comp", "zstd", "-quiet", "-no-progress")
    _as_built([squash, str(root), str(squashed), *plain], "mksquashfs")
    file = output / f"{NAME}-{version()}-linux-x86_64.AppImage"
    with file.open("wb") as whole:
        for part in (Path(runtime), squashed):
            with part.open("rb") as source:
                shutil.copyfileobj(source, whole)
    file.chmod(0o755)
    return file


def depends() -> list[str]:
    """The packages of Debian that hold the libraries that are not inside."""
    lists = (system_packages.ALWAYS, system_packages.FOR_X11, system_packages.FOR_WAYLAND)
    names = [name for one in lists for name in one]
    names += ["libexpat1", "libstdc++6", "libx11-6", "libx11-xcb1", "libxcb1", "libfreetype6"]
    either = [
        f"{name} | {system_packages.RENAMED[name]}" if name in system_packages.RENAMED else name
        for name in sorted(names)
    ]
    fonts = f"{system_packages.FONT} | fonts-liberation | fonts-noto-core"
    return [f"libc6 (>= {OLDEST_GLIBC})", *either, fonts]


def settle(folder: Path) -> None:
    """Give all files the build's time and plain permissions, which a package keeps."""
    when = build_time()
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (when, when), follow_symlinks=False)


def _write_script(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _as_built(command: list[str], doing: str) -> None:
    os.environ["SOURCE_DATE_EPOCH"] = str(build_time())
    run(command, doing)
