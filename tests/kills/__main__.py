"""The kill suite: ``python -m tests.kills [--seed N] [--kills 200] [--only WORD] [--keep FOLDER]``.

Kills jobs of every kind, from the terminal and from the window, at random instants, and looks at
what is left. Exit status 1 where anything is.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from time import time

from tests.kills.cases import CASES, Case
from tests.kills.killing import Outcome
from tests.kills.suite import Suite
from tests.support.catalogue_server import running


def main() -> int:
    """Run the suite; gives the exit status."""
    options = _options()
    chosen = [one for one in CASES if options.only in one.title]
    if not chosen:
        print(f"No case is called {options.only!r}; there are:", *(c.title for c in CASES))
        return 2
    print(f"seed {options.seed}, {options.kills} kills over {len(chosen)} cases", flush=True)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as temporary, running() as server:
        suite = Suite(Path(temporary), server, options.seed)
        for outcome in suite.kills(chosen, options.kills):
            outcomes.append(outcome)
            _say(len(outcomes), outcome)
            if outcome.faults and options.keep:
                kept = options.keep / f"{len(outcomes)}"
                shutil.copytree(suite.last.root, kept, dirs_exist_ok=True)
    return _sum_up(outcomes, chosen)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time()), help="repeats the same kills")
    parser.add_argument("--kills", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--only", default="", metavar="WORD", help="cases with this in their name")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="what is left where it is not")
    return parser.parse_args()


def _say(number: int, outcome: Outcome) -> None:
    again = ", again" if outcome.again else ""
    print(
        f"{number:4} {outcome.case.title}: {outcome.blow} ({outcome.struck}), "
        f"gone in {outcome.gone_seconds:.2f} s{again}: {'FAULT' if outcome.faults else 'nothing'}",
        flush=True,
    )
    for fault in outcome.faults:
        print(f"       {fault}", flush=True)


def _sum_up(outcomes: list[Outcome], chosen: list[Case]) -> int:
    print()
    for case in chosen:
        mine = [one for one in outcomes if one.case == case]
        bad = sum(bool(one.faults) for one in mine)
        print(f"{case.title:32} {len(mine):3} kills, {bad:3} with a fault")
    slowest = max((one.gone_seconds for one in outcomes), default=0.0)
    bad = sum(bool(one.faults) for one in outcomes)
    again = sum(one.again for one in outcomes)
    print(
        f"{len(outcomes)} kills, {bad} with a fault; the last process was gone after at most "
        f"{slowest:.2f} s; {again} jobs were started again."
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
