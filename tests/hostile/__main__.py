"""``python -m tests.hostile [--seed N] [--only WORD] [--real]``: every hostile input, one by one.

Each is tried in a process of its own, with limits of time and memory; what the program must not do
is printed. The exit status is 1 where there was such a thing. Root tries them as an ordinary user.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from time import monotonic

from tests.hostile.base import make_base
from tests.hostile.everything import SEED, all_cases, attempt, share
from tests.hostile.inputs import windows
from tests.hostile.running import Program
from tests.hostile.user import is_root, ordinary, place_for_all

_SHOWN = 600  # characters of what the program said
_AS_ROOT = (
    "As root, one fault of the program could replace a device or any other file of this machine, "
    "and no other user can read this Python and this checkout. Run it as an ordinary user, or add "
    "--as-root where the machine may be lost."
)


def main() -> int:
    """Try all of them, or those that are asked for."""
    options = _options()
    print(f"seed {options.seed}", flush=True)
    tried: Counter[str] = Counter()
    faulty = 0
    started = monotonic()
    with place_for_all() as temporary:
        user = ordinary(temporary)
        if is_root() and user is None and not options.as_root:
            print(_AS_ROOT, file=sys.stderr)
            return 2
        base = make_base(temporary / "base")
        found = windows.cases(base) if options.window else all_cases(base)
        cases = [one for one in found if options.only in one.title]
        if options.share > 1:
            part = options.seed if options.part is None else options.part
            cases = list(share(iter(cases), options.share, part))
        with (
            windows.start(user) if options.window else Program(real=options.real, user=user)
        ) as program:
            for case in cases:
                place = temporary / f"room-{tried.total()}"
                asked, ran = attempt(program, base, case, options.seed, place)
                tried[case.kind] += 1
                faulty += bool(ran.faults)
                if ran.faults or options.all:
                    print(f"\n{case.title}\n  {' '.join(asked.arguments)[:_SHOWN]!a}")
                    print(f"  status {ran.status}, {ran.seconds:.1f} s, {ran.cpu_seconds:.1f} s of")
                    print(f"  computing, {ran.memory_bytes / 2**20:.0f} MB: {ran.faults}")
                    print(f"  {(ran.out[:200] if options.all else '')!a}\n  {ran.err[-_SHOWN:]!a}")
                    sys.stdout.flush()
    seconds = monotonic() - started
    print("", *(f"{number:6} {kind}" for kind, number in tried.items()), sep="\n")
    print(f"{tried.total()} inputs in {seconds:.0f} s, seed {options.seed}: {faulty} with faults.")
    return 1 if faulty else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--seed", type=int, default=SEED, help="of the random changes")
    parser.add_argument("--only", default="", metavar="WORD", help="inputs with it in their titles")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one input of N")
    parser.add_argument("--part", type=int, metavar="K", help="which of the N; else by the seed")
    parser.add_argument("--window", action="store_true", help="the window's, instead")
    parser.add_argument("--real", action="store_true", help="start Python anew for each input")
    parser.add_argument("--all", action="store_true", help="print also what went well")
    parser.add_argument("--as-root", action="store_true", help="where no other user can be taken")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
