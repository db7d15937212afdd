"""The text in small files of any origin: whatever editor, spreadsheet or system wrote them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

_MARKS = (  # the longest first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]+")
_LOOKED_AT = 200_000  # bytes by which an encoding is guessed
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
# Marks in the middle, where files were put together; the end-of-file sign of DOS.
_UNWANTED = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\x1a"))


class NotTextError(ValueError):
    """Bytes that are no text in any encoding that is known here."""


@dataclass(frozen=True)
class Text:
    """What was read, and how.

    Attributes:
        text: without byte-order marks.
        encoding: its usual name.
        codec: what Python calls it.
        guessed: whether nothing in the file says that it is in this encoding.
    """

    text: str
    encoding: str = "UTF-8"
    codec: str = "utf-8"
    guessed: bool = False

    @property
    def how(self) -> str:
        """A clause for the user where the encoding is a guess, else nothing."""
        return f"it is not UTF-8 and was read as {self.encoding}" if self.guessed else ""


def decode_text(data: bytes) -> Text:
    """The text in `data`. Tried in turn: a byte-order mark, UTF-8, UTF-16 without a mark,
    GB18030 where it reads like Chinese, and Windows-1252.

    Raises NotTextError where that gives control characters, as images and archives do.
    """
    found = _decoded(data)
    if _CONTROL.search(found.text):
        raise NotTextError("it is not a text file")
    return replace(found, text=found.text.translate(_UNWANTED))


def as_utf8(data: bytes) -> bytes:
    """The bytes as UTF-8 without a mark; quick for the plain ASCII that most files are."""
    if data.isascii() and b"\0" not in data:
        return data
    return decode_text(data).text.encode()


def _decoded(data: bytes) -> Text:
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            whole = data[len(mark) :]
            return Text(whole.decode(codec, "replace"), name, codec)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\0" not in text:
            return Text(text)
    for first, codec in ((1, "utf-16-le"), (0, "utf-16-be")):  # where letters have their zeros
        every_other = data[first : first + _LOOKED_AT : 2]
        if data and every_other.count(0) * 2 > len(every_other):
            return Text(data.decode(codec, "replace"), "UTF-16", codec, guessed=True)
    if _is_chinese(data):
        return Text(data.decode("gb18030"), "GB18030 (Chinese)", "gb18030", guessed=True)
    lines = b"".join(map(_as_western, data.splitlines(keepends=True)))
    return Text(lines.decode(), "Windows-1252 (Western European)", "cp1252", guessed=True)


def _as_western(line: bytes) -> bytes:
    """UTF-8 of a line of Windows-1252, or of UTF-8 already: some files have both."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace").encode()
    return line


def _is_chinese(data: bytes) -> bool:
    """Whether bytes beyond ASCII come in pairs that stand by themselves.

    In Western languages they come one by one, in the middle of words of ASCII letters.
    """
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    apart = inside = 0
    for run in _HIGH.finditer(data, 0, _LOOKED_AT):
        before, after = data[max(0, run.start() - 1) : run.start()], data[run.end() : run.end() + 1]
        if len(run[0]) % 2 or before.islower() or after.islower():
            inside += 1
        else:
            apart += 1
    return apart > inside
