"""The soak: ``python -m tests.soak [--seed N] [--jobs 100]``.

One window does jobs of mixed kinds, round after round; a round deletes what it made. Prints what
the window's process holds after each, and then whether it grows. Exit status 1 where it does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import time

from tests.soak.held import Entry
from tests.soak.soaking import soak, verdict


def main() -> int:
    """Soak, and say what came of it; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time()), help="repeats the same order")
    parser.add_argument("--jobs", type=int, default=100, help="at least so many (default 100)")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.jobs} jobs", flush=True)
    print(" jobs   MB RSS  threads (Python)  handles  children  objects  last job", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        entries = []
        for entry in soak(Path(folder), options.seed, options.jobs):
            entries.append(entry)
            _say(entry)
    faults = verdict(entries)
    print("\n".join(faults) if faults else "It does not grow.")
    return 1 if faults else 0


def _say(one: Entry) -> None:
    held = one.held
    print(
        f"{one.jobs:5} {held.rss_bytes / 1e6:8.1f} {held.threads:8} ({held.python_threads:6}) "
        f"{held.handles:8} {held.children:9} {held.objects:8}  {one.title} {one.failed}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
