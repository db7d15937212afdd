"""What the program says of a host that it was made ready on: started there, by SSH."""

from __future__ import annotations

import os

from core.machines.condition import condition
from core.processes import end_with_input, own_channel
from core.values import to_json


def main() -> None:
    """Print the host's `Condition`, as a line of JSON."""
    end_with_input()
    channel = own_channel()
    channel.write(to_json(condition()) + b"\n")
    channel.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
