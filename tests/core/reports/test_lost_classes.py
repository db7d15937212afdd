"""A class that is lost as a whole is named, where few predictions changed in all."""

from __future__ import annotations

from core.metrics.comparison.summary import ClassSummary
from core.reports.lost_classes import lost_classes_words


def found(name: str, parent: int, optimized: int) -> ClassSummary:
    return ClassSummary(
        class_name=name, optimized=optimized, parent=parent, matches=0, agreement=0.0
    )


def test_a_lost_class_is_named_and_one_that_chance_may_take_is_not() -> None:
    classes = [found("person", 60, 70), found("cat", 6, 0), found("dog", 4, 0), found("bus", 0, 0)]
    assert lost_classes_words(classes) == ("No longer found at all: cat (6 by the parent).",)
    assert lost_classes_words(classes[:1]) == ()


def test_those_found_most_often_are_named_and_the_others_counted() -> None:
    (said,) = lost_classes_words([found(f"c{count}", count, 0) for count in (5, 8, 7, 6, 9)])
    assert said.startswith("No longer found at all: c9 (9 by the parent), c8 ")
    assert said.endswith("c7 (7 by the parent) and 2 more.")


def test_a_class_with_a_foreign_name_stays_on_its_line() -> None:
    (said,) = lost_classes_words([found("two\nlines\x1b", 6, 0)])
    assert said == "No longer found at all: two\ufffdlines\ufffd (6 by the parent)."
