"""Tables of typed values: the same ones in files and before people's eyes."""

from __future__ import annotations

import pytest

from core.documents.csv import Cell
from core.documents.html import typed
from core.documents.tables import Column, Form, Table, shown

TABLE = Table.of_rows(
    (
        Column("name", "Name"),
        Column("ap", "AP", "ratio"),
        Column("boxes", "Boxes", "count"),
        Column("mse", "MSE", "short"),
        Column("operations", "Operations", in_files=True),
    ),
    [("cat", 0.123456789, 1234, 1.23456e-6, "a b"), ("=dog", None, 0, 0.5, "")],
)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, "ratio", "–"),
        ("text", "ratio", "text"),
        (0.12345, "ratio", "0.123"),
        (0.12345, "fine", "0.1235"),
        (-0.00001, "change", "+0.000"),
        (0.0123, "fine_change", "+0.0123"),
        (0.9615, "percent", "96.2%"),
        (1234567, "count", "1,234,567"),
        (1.23456e-6, "short", "1.23e-06"),
        (23.28, "decibel", "23.3"),
        (3, "number", "3"),
        (3.0, "number", "3.0000"),
        (-3, "number_change", "-3"),
    ],
)
def test_each_form_is_written_in_its_way(value: Cell, form: Form, text: str) -> None:
    assert shown(value, form) == text


def test_files_have_every_column_and_people_those_that_can_be_read() -> None:
    assert TABLE.csv().decode() == (
        "name,ap,boxes,mse,operations\ncat,0.123457,1234,1.23456e-06,a b\n'=dog,,0,0.5,\n"
    )
    page = typed(TABLE, most=1)
    assert (page.titles, page.texts) == (("Name", "AP", "Boxes", "MSE"), [0])
    assert page.rows == [("cat", "0.123", "1,234", "1.23e-06")]
    assert TABLE.records()[1] == {
        "name": "=dog", "ap": None, "boxes": 0, "mse": 0.5, "operations": "",
    }  # fmt: skip


def test_an_empty_table_keeps_its_columns() -> None:
    empty = Table.of_rows(TABLE.columns, [])
    assert len(empty) == 0
    assert empty.csv() == b"name,ap,boxes,mse,operations\n"
    assert empty.readable().texts() == []
