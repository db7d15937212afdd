#!/usr/bin/env python3
"""Make what this system installs, from the checkout: one command on a bare machine.

python3 packaging/bundle.py                 into dist: on Linux a .deb and a .tar.xz, on
                                            Windows an installer and a .zip, on macOS a .dmg
python3 packaging/bundle.py --output DIR    into another folder
python3 packaging/bundle.py --tree          the folder of the program alone, not packed
"""

import argparse
import sys
from pathlib import Path

from launcher.newer_python import restart_with_newer_python


def main(arguments: list[str]) -> int:
    """Build; gives the exit status."""
    from bundling import building, checks, for_linux, for_macos, for_windows, made
    from launcher import locks, system_packages
    from launcher.checkout import ROOT
    from launcher.stop import Stop

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument("--tree", action="store_true", help="do not pack it")
    options = parser.parse_args(arguments)
    work = ROOT / "build" / "bundle"
    try:
        locks.this_system()  # before anything is installed
        system_packages.ensure(system_packages.Needs(x11=True, wayland=True, bundle=True))
        environment = building.Environment(work / "environment")
        environment.make()
        tree = building.freeze(environment, work / "frozen")
        papers = building.write_papers(environment, tree, work)
        if sys.platform == "linux":
            checks.require_old_glibc(tree)
        made.print_sizes(tree)
        if options.tree:
            print(f"Made: {tree}")
            return 0
        options.output.mkdir(parents=True, exist_ok=True)
        output = options.output.resolve()
        packers = {"linux": for_linux, "win32": for_windows, "darwin": for_macos}
        files = packers[sys.platform].make(environment, tree, papers, work, output)
        for file in [*files, made.checksums(files, output)]:
            print(f"Made: {file} ({file.stat().st_size / 1e6:.1f} MB)")
    except Stop as stop:
        print(stop.sentence, file=sys.stderr)
        return stop.status
    return 0


if __name__ == "__main__":
    restart_with_newer_python()
    sys.exit(main(sys.argv[1:]))
