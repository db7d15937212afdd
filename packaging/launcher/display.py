"""Whether a window can be shown, and through what."""

import os
import sys
from collections.abc import Mapping

from launcher.checkout import script

NEED_A_SERVER = ("xcb", "wayland", "wayland-egl", "wayland-brcm")


def has_display(environment: Mapping[str, str]) -> bool:
    """False on a Linux without an X or Wayland server, unless Qt was told to do without one."""
    if sys.platform != "linux":
        return True
    return uses_x11(environment) or uses_wayland(environment) or _without_server(environment)


def uses_x11(environment: Mapping[str, str]) -> bool:
    return bool(environment.get("DISPLAY")) and not _without_server(environment)


def uses_wayland(environment: Mapping[str, str]) -> bool:
    """Wayland and nothing else: with DISPLAY set as well, Qt falls back to X by itself."""
    return (
        bool(environment.get("WAYLAND_DISPLAY"))
        and not environment.get("DISPLAY")
        and not _without_server(environment)
    )


def no_display_sentence() -> str:
    command = script("detection-workbench")
    return (
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); in the terminal "
        f"the same job is {os.path.relpath(command)} tutorial MODEL CALIBRATION_IMAGES IMAGES "
        "--output DIR"
    )


def _without_server(environment: Mapping[str, str]) -> bool:
    """QT_QPA_PLATFORM names the platforms to try, as in `wayland;xcb` or `offscreen:size=...`."""
    tried = [
        name.partition(":")[0] for name in environment.get("QT_QPA_PLATFORM", "").split(";") if name
    ]
    return any(name not in NEED_A_SERVER for name in tried)
