"""What was found out about newer versions, in a sentence."""

from __future__ import annotations

from core.updates import Updates


def updates_text(found: Updates) -> str:
    """What the user is told."""
    newest = found.newest
    if newest is None:
        return "This build has no address to ask for newer versions."
    if found.state == "current":
        return f"Version {found.version} is the newest."
    made = f" of {newest.date}" if newest.date else ""
    where = f" It is at {newest.page}" if newest.page else ""
    return f"Version {newest.version}{made} is newer than this one ({found.version}).{where}"
