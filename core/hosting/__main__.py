"""Started on a host: ``python -m core.hosting``."""

from core.hosting.serving import main

main()
