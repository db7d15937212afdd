"""Why an image is left out, and what to do with files that are not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ARCHIVE, VIDEO = "archive", "video"
_CONVERT = "Convert {them} to JPEG or PNG."
_WAYS_OUT = {
    ARCHIVE: "Unpack the whole and choose the folder.",
    VIDEO: "Save its frames as JPEG or PNG.",
    "Git LFS pointer": "Fetch the file itself with 'git lfs pull'.",
    "HTML": "It is a page of a web site; download the image again.",
}


def way_out(kind: str, *, several: bool = False) -> str:
    """What to do with files of that format, in a sentence."""
    return _WAYS_OUT.get(kind) or _CONVERT.format(them="them" if several else "it")


def _left_out(facts: Mapping[str, Any]) -> str:
    count, kind = facts["count"], facts["kind"]
    files = f"1 {kind} file is" if count == 1 else f"{count:,} {kind} files are"
    return f"{files} left out. {way_out(kind, several=count > 1)}"


SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "image_unreadable": "{image} cannot be read: {reason}.",
    "image_refused": "{image} is {clause}.",
    "image_cut_short": "{image} is cut short: {clause}.",
    "image_damaged": "{image} is cut short or damaged: {clause}.",
    "image_undecodable": "{image} is damaged: its {format} data cannot be decoded.",
    "image_empty": "{image} is damaged: it has no pixels.",
    "image_foreign": "{image} is a {kind} file, which is not supported.",
    "image_unknown": "{image} is not an image that can be read.",
    "image_type": "{image} {clause}.",
    "image_too_large": "{image} has more than {megapixels} megapixels.",
    "image_changed": "{image} was changed after the report was made: boxes may not fit. "
    "Make a new report.",
    "image_resized": "{image} was changed after the report was made: it has {width} × "
    "{height} pixels, the boxes belong to {boxes_width} × {boxes_height}. Make a new report.",
    "images_left_out": "... and {count:,} more {count:were} left out.",
    "files_left_out": _left_out,
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
