"""``python -m tests.hostile.misdeed PROGRAM``: does what it is told, so that it can be noticed."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the text of a program."""
    exec(sys.argv[1], {})
    return 0


if __name__ == "__main__":
    sys.exit(main())
