"""Functions of NNCF that are replaced while it works: there is no public hook for what they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getattr_static
from typing import Any


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """`owner` has `value` as its `name` as long as this is open, whatever ends it."""
    original = getattr_static(owner, name)  # a static method as such
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)
