#!/usr/bin/env python3
"""Detection Workbench from a checkout: make .venv, install, and open the window.

Kept to what any Python 3 can read, so that an old one gets a sentence and not a traceback.
Everything else is in the folder `launcher` beside this file.
"""

import sys

from launcher.newer_python import restart_with_newer_python

if __name__ == "__main__":
    restart_with_newer_python()
    from launcher.commands import main

    sys.exit(main(sys.argv[1:]))
