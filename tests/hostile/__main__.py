"""``python -m tests.hostile [--seed N] [--only WORD] [--real]``: every hostile input, one by one.

Each is tried in a process of its own, with limits of time and memory; what the program must not do
is printed. The exit status is 1 where there was such a thing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.hostile.base import make_base
from tests.hostile.everything import SEED, all_cases, attempt, share
from tests.hostile.inputs import windows
from tests.hostile.running import Program

_SHOWN = 600  # characters of what the program said


def main() -> int:
    """Try all of them, or those that are asked for."""
    options = _options()
    print(f"seed {options.seed}", flush=True)
    faulty = tried = 0
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="hostile-") as temporary:
        base = make_base(Path(temporary) / "base")
        found = windows.cases(base) if options.window else all_cases(base)
        cases = [one for one in found if options.only in one.title]
        if options.share > 1:
            cases = list(share(iter(cases), options.share, options.seed))
        with windows.start() if options.window else Program(real=options.real) as program:
            for case in cases:
                place = Path(temporary) / f"room-{tried}"
                asked, ran = attempt(program, base, case, options.seed, place)
                tried += 1
                faulty += bool(ran.faults)
                if ran.faults or options.all:
                    print(f"\n{case.title}\n  {' '.join(asked.arguments)[:_SHOWN]!a}")
                    print(f"  status {ran.status}, {ran.seconds:.1f} s, {ran.cpu_seconds:.1f} s of")
                    print(f"  computing, {ran.memory_bytes / 2**20:.0f} MB: {ran.faults}")
                    print(f"  {(ran.out[:200] if options.all else '')!a}\n  {ran.err[-_SHOWN:]!a}")
                    sys.stdout.flush()
    seconds = monotonic() - started
    print(f"\n{tried} inputs in {seconds:.0f} s, seed {options.seed}: {faulty} with faults.")
    return 1 if faulty else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--seed", type=int, default=SEED, help="of the random changes")
    parser.add_argument("--only", default="", metavar="WORD", help="inputs with it in their titles")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one input of N")
    parser.add_argument("--window", action="store_true", help="the window's, instead")
    parser.add_argument("--real", action="store_true", help="start Python anew for each input")
    parser.add_argument("--all", action="store_true", help="print also what went well")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
