#!/usr/bin/env python3
"""Write packaging/locks: what is installed on each system, exactly, with the hash of every wheel.

    .venv/bin/python packaging/lock.py                 add and remove what changed
    .venv/bin/python packaging/lock.py --upgrade       the newest versions allowed
    .venv/bin/python packaging/lock.py --upgrade NAME  of these distributions alone

Versions are resolved by uv (`pip install uv`), once for all systems and supported Pythons. Each
lock lists only wheels, and only those that fit its system: nothing is built from source.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.markers import Marker

from launcher.checkout import PYPROJECT
from launcher.locks import BUNDLE, LOCKS, OLDEST_PYTHON, PYTHONS, SUITE, SYSTEMS, System, pinned

HEAD = """\
# What packaging/launch.py installs on {title}{what}. Made by packaging/lock.py; do not edit.
"""
CLUSTER = "cluster"  # of the extras, what the launcher and the bundles have
PARTS = (("test", SUITE, "run the suite"), ("bundle", BUNDLE, "make a bundle"))
Package = dict[str, object]


def main(arguments: list[str]) -> int:
    """Resolve and write all locks; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--upgrade", nargs="*", metavar="NAME")
    upgrade = parser.parse_args(arguments).upgrade
    program = resolved((CLUSTER,), upgrade)
    names = {package["name"] for package in program}
    LOCKS.mkdir(exist_ok=True)
    for system in SYSTEMS:
        write(system, "", "", program)
    for extra, part, purpose in PARTS:
        more = [one for one in resolved((CLUSTER, extra), upgrade) if one["name"] not in names]
        for system in SYSTEMS:
            write(system, part, f", beside {system.name}.txt, to {purpose}", more)
    return 0


def resolved(extras: tuple[str, ...], upgrade: list[str] | None) -> list[Package]:
    """The distributions of the program with these extras, from uv's lock of them."""
    with tempfile.TemporaryDirectory() as folder:
        output, pins = Path(folder, "pylock.toml"), Path(folder, "pins.txt")
        pins.write_text("".join(f"{name}=={v}\n" for name, v in kept(upgrade).items()))
        build = Path(folder, "build.in")  # the checkout is installed with what is in the lock, too
        build.write_text(
            "\n".join(tomllib.loads(PYPROJECT.read_text())["build-system"]["requires"])
        )
        command = ["uv", "pip", "compile", str(PYPROJECT), str(build)]
        command += ["--universal", "--quiet", "--native-tls"]
        command += ["--python-version", OLDEST_PYTHON, "--constraint", str(pins)]
        command += [part for extra in extras for part in ("--extra", extra)]
        subprocess.run([*command, "--format", "pylock.toml", "--output-file", output], check=True)
        found: list[Package] = tomllib.loads(output.read_text(encoding="utf-8"))["packages"]
        return found


def kept(upgrade: list[str] | None) -> dict[str, str]:
    """The versions that stay: those of the locks, without what is upgraded."""
    if upgrade == []:
        return {}
    files = sorted(LOCKS.glob("*.txt"))
    found = {k: v for file in files for k, v in pinned(file.read_text(encoding="utf-8")).items()}
    return {name: version for name, version in found.items() if name not in (upgrade or ())}


def write(system: System, part: str, what: str, packages: list[Package]) -> None:
    """Write one lock."""
    lines = [HEAD.format(title=system.title, what=what)]
    for package in packages:
        marker = str(package.get("marker", ""))
        if marker and not any(Marker(marker).evaluate(one) for one in _environments(system)):
            continue
        wheels: list[dict[str, object]] = package.get("wheels", [])  # type: ignore[assignment]
        hashes = set()
        for python in PYTHONS:
            fitting = [hash_of(one) for one in wheels if system.fits(name_of(one), python)]
            if not fitting:
                name = package["name"]
                raise SystemExit(f"{name} has no wheel for {system.title} and Python 3.{python}.")
            hashes |= set(fitting)
        lines.append(f"{package['name']}=={package['version']}")
        lines += [f" \\\n    --hash=sha256:{one}" for one in sorted(hashes)]
        lines.append("\n")
    (LOCKS / f"{system.name}{part}.txt").write_text("".join(lines), encoding="utf-8")


def _environments(system: System) -> list[dict[str, str]]:
    """What markers ask, for each Python: a lock has what any of them needs."""
    names = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}
    return [
        {
            "sys_platform": system.sys_platform,
            "platform_system": names[system.sys_platform],
            "platform_machine": system.machines[0],
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "python_version": f"3.{python}",
            "python_full_version": f"3.{python}.0",
        }
        for python in PYTHONS
    ]


def name_of(wheel: dict[str, object]) -> str:
    """The file name of a wheel in uv's lock."""
    return re.split(r"[/\\]", str(wheel["url"]))[-1]


def hash_of(wheel: dict[str, object]) -> str:
    """Its SHA-256."""
    hashes = wheel["hashes"]
    assert isinstance(hashes, dict)
    return str(hashes["sha256"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
