"""Entries of the catalogue as plain values."""

from __future__ import annotations

from typing import Any

from core.catalogue.entries import CatalogueEntry
from core.values import to_plain


def described(entry: CatalogueEntry) -> dict[str, Any]:
    """All facts, and some that follow from them."""
    return {
        **to_plain(entry),
        "size_bytes": entry.size_bytes,
        "hosts": list(entry.hosts),
        "source": entry.model_yml.url,
    }
