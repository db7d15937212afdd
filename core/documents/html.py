"""Pieces of a self-contained HTML page: nothing is loaded from anywhere, all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2330; background: #fff; margin: 0 auto;
  max-width: 1180px; padding: 24px 32px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 22px 0 6px; overflow-wrap: anywhere; }
p { margin: 6px 0; } .quiet { color: #5a6372; }
.verdict { border-left: 8px solid; padding: 8px 16px; margin: 18px 0; background: #f5f7fa; }
.verdict b { font-size: 20px; display: block; }
.safe { border-color: #0072b2; } .check { border-color: #e69f00; }
.not_safe { border-color: #d55e00; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px; border-bottom: 1px solid #dfe3ea; text-align: right; }
th { font-weight: 600; background: #f5f7fa; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
figure { margin: 0; } figcaption { font-size: 13px; color: #5a6372; }
.picture { width: 100%; background: #eee; }
@media print { body { max-width: none; padding: 0; } .one, h2, tr { break-inside: avoid; } }
""".strip()

Cell = str | int | float | None


def text(value: str) -> str:
    """`value` fit for HTML; bytes of file names that are not UTF-8 become question marks."""
    return escape(value.encode("utf-8", "replace").decode("utf-8"), quote=True)


def page(title: str, parts: Iterable[str]) -> str:
    """A whole document."""
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>{text(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def heading(value: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{text(value)}</h{level}>"


def paragraph(value: str, kind: str = "") -> str:
    """A paragraph; `kind` is a class of `STYLE`."""
    return f'<p class="{kind}">{text(value)}</p>' if kind else f"<p>{text(value)}</p>"


def table(titles: Sequence[str], rows: Iterable[Sequence[Cell]], digits: int = 3) -> str:
    """A table; floats get so many digits, None a dash."""
    head = "".join(f'<th scope="col">{text(title)}</th>' for title in titles)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_shown(cell, digits)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _shown(cell: Cell, digits: int) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.{digits}f}"
    return text(str(cell))
