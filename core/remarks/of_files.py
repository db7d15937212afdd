"""What of a project is not in a file that it was packed into, or not as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SENTENCES: dict[str, str | Callable[[Mapping[str, Any]], str]] = {
    "files_gone": "{count:files} of the dataset are gone, and not in the file.",
    "files_no_images": "{count:files} with the names of images could not be decoded: left out.",
    "result_left_out": "The result in {folder} cannot be read: {clause}. It is left out.",
    "files_redated": "{count:files} are dated before {first} or after {last}, which an archive "
    "cannot state: they got the nearest date that it can.",
    "images_not_packed": "{missing} of the {images} images of {dataset} are not in the file: "
    "reports show their figures, but not these images.",
}
"""A sentence for each code; `core.remarks.words.LISTED` has what stands after a colon."""
