"""What a Linux system installs: a .deb, and an archive with an installer script."""

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


def make(
    environment: Environment, tree: Path, papers: Path, work: Path, output: Path
) -> list[Path]:
    """All that Linux installs."""
    shared = work / "share"
    shutil.rmtree(shared, ignore_errors=True)
    share(environment, shared)
    return [each(tree, shared, papers, work, output) for each in (make_deb, make_archive)]


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


def _as_built(command: list[str], doing: str) -> None:
    os.environ["SOURCE_DATE_EPOCH"] = str(build_time())
    run(command, doing)
