"""How many bytes something has, in words: in the unit that the user prefers."""

from __future__ import annotations

from typing import Literal

Units = Literal["decimal", "binary"]
"""Of 1,000 bytes each (MB), as disks are sold; or of 1,024 (MiB), as systems count memory."""

UNITS: tuple[Units, ...] = ("decimal", "binary")
_BASES: dict[Units, tuple[int, str]] = {"decimal": (1000, "B"), "binary": (1024, "iB")}


class _Preference:
    units: Units = "decimal"


_PREFERRED = _Preference()


def prefer(units: Units) -> None:
    """Word all sizes of this process, and of those that it starts, in these from now on."""
    _PREFERRED.units = units


def preferred() -> Units:
    """What sizes of this process are worded in."""
    return _PREFERRED.units


def megabytes(size_bytes: float, digits: int = 2) -> str:
    """Such as ``12.35 MB``, or ``11.78 MiB``."""
    return _text(size_bytes, 2, "M", digits)


def gigabytes(size_bytes: float, digits: int = 1) -> str:
    """Such as ``2.5 GB``, or ``2.3 GiB``."""
    return _text(size_bytes, 3, "G", digits)


def _text(size_bytes: float, power: int, letter: str, digits: int) -> str:
    base, unit = _BASES[_PREFERRED.units]
    return f"{size_bytes / base**power:,.{digits}f} {letter}{unit}"
