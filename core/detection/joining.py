"""Detections of two models in parts, a few of which are worked on together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.detection.detections import DetectionTable

Both = tuple[DetectionTable, DetectionTable]
"""The parent's detections in some images, and the optimized model's in the same."""


def joined_parts(parts: Iterable[Both], rows: int) -> Iterator[Both]:
    """Parts one after the other, joined until they have so many `rows` of both models."""
    some: list[Both] = []
    count = 0
    for both in parts:
        some.append(both)
        count += sum(len(one.scores) for one in both)
        if count >= rows:
            yield _as_one(some)
            some, count = [], 0
    if some:
        yield _as_one(some)


def _as_one(some: list[Both]) -> Both:
    first, second = (
        DetectionTable.joined(tables, tables[0].class_names) for tables in zip(*some, strict=True)
    )
    return first, second
