"""``python -m core.cli``: the terminal's commands without the installed script."""

import sys

from core.cli.main import main

sys.exit(main())
