"""Kinds of arguments."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from core.text import visible_lines

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from core.values import Value

V = TypeVar("V", bound="Value")

_LONGEST_SECONDS = 7 * 24 * 3600.0  # a week
_LARGEST_NUMBER = 2**31 - 1  # of a whole number: what 32 bits hold

_NEAR = 0.2  # words that are less like what was typed than the nearest one were not meant


class Parser(argparse.ArgumentParser):
    """An argument may be the name of anyone's file: what a terminal would obey is replaced.

    A path that is empty, as of a variable that is not set, would be the current folder.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.register("type", Path, path)
        self._mistyped = ""

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """As argparse does it; a positional is in capitals, in usage, help and messages alike."""
        if names and not names[0].startswith("-") and "choices" not in options:
            options.setdefault("metavar", names[0].upper())
        return super().add_argument(*names, **options)

    def parsed(self, typed: Sequence[str]) -> argparse.Namespace:
        """What was typed; leaves with a message where that is wrong."""
        flags = [flag for action in self._actions for flag in action.option_strings]
        self._mistyped = _unknown_flag(typed, flags)
        found, unknown = self.parse_known_args(typed)
        if unknown:
            asked = meant(unknown[0].partition("=")[0], flags)
            self.error(f"unrecognized arguments: {' '.join(unknown)}.{asked}")
        return found

    def error(self, message: str) -> NoReturn:
        if self._mistyped and self._mistyped not in message:  # a required flag, mistyped, is missed
            flags = [flag for action in self._actions for flag in action.option_strings]
            message += f"; unrecognized: {self._mistyped}.{meant(self._mistyped, flags)}"
        super().error(visible_lines(message))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            asked = meant(str(value), [str(choice) for choice in action.choices or ()])
            raise argparse.ArgumentError(action, f"{error.message}.{asked}") from None

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Or help that cannot be written would be passed over: argparse does so."""
        if file is not None and file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)


def _unknown_flag(typed: Sequence[str], flags: Sequence[str]) -> str:
    """The first that is typed like a flag and begins none; "" where there is none."""
    names = [one.partition("=")[0] for one in typed if one.startswith("--")]
    return next((one for one in names if not any(flag.startswith(one) for flag in flags)), "")


def meant(typed: str, known: Iterable[str]) -> str:
    """Which of the known words may have been meant: a sentence, or nothing."""
    close = difflib.get_close_matches(typed, known, n=3, cutoff=0.5)
    alike = [difflib.SequenceMatcher(None, one, typed).ratio() for one in close]
    near = [one for one, ratio in zip(close, alike, strict=True) if ratio > alike[0] - _NEAR]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def path(text: str) -> Path:
    """The path of a file or folder."""
    return Path(not_empty(text))


def not_empty(text: str) -> str:
    """The path of a file or folder, or a word that stands for one."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; specify a file or folder")
    return text


def seed(text: str) -> int:
    """A seed of random numbers."""
    value = int(text)
    if not 0 <= value <= _LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to {_LARGEST_NUMBER}")
    return value


def seconds(text: str) -> float:
    """A time above 0, of a week at most."""
    value = positive(text)
    if value > _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is more than a week, {_LONGEST_SECONDS:.0f}")
    return value


def number(text: str) -> float:
    """A number, and neither infinity nor what is none."""
    value = float(text)
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not a number that can be used")
    return value


def positive(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def positive_int(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    if value > _LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} is more than {_LARGEST_NUMBER}")
    return value


def share(text: str) -> float:
    """A number between 0 and 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def add_model_and_dataset(sub: argparse.ArgumentParser) -> None:
    """The two that most commands begin with."""
    sub.add_argument("model", type=Path, help="a model file, or its folder")
    sub.add_argument("dataset", type=Path, help="a folder or archive of images")


def filled(kind: type[V], arguments: argparse.Namespace, /, **more: Any) -> V:
    """A value whose fields are the arguments of the same names, and `more`."""
    given = vars(arguments)
    same = {name: given[name] for name in kind.__struct_fields__ if name in given}
    return kind(**same | more)
