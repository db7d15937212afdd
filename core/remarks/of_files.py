"""What of a project is not in a file that it was packed into, or not as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "files_gone": "{count:files} of the dataset {count:are} gone, and not in the file.",
    "files_no_images": "{count:files} with the names of images could not be decoded: left out.",
    "result_left_out": "A result is left out. {reason}",
    "results_outside": "{count:results} {count:lie} outside the workspace: left out.",
    "files_redated": "{count:files} {count:are} dated before {first} or after {last}, which "
    "an archive cannot state: {count:they} got the nearest date that it can.",
    "images_not_packed": "{missing:,} of the {images:images} of {dataset} {missing:are} not in the "
    "file: reports show {missing:their} figures, but not {missing:them}.",
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
