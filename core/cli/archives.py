"""Images of an archive, for as long as a command runs and not for one of its jobs alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.datasets.archives.unpacking import archive_title, is_archive, unpack
from core.folders import temporary_folder
from core.jobs.context import UNPACKED
from core.remarks.sentences import sentences
from core.text import visible_lines


@contextmanager
def at_hand(dataset: Path, *, drawn: bool) -> Iterator[Path]:
    """The dataset; an archive as a folder, if its images are to be `drawn` after a job."""
    if not drawn or not is_archive(dataset):
        yield dataset
        return
    with temporary_folder() as folder:
        place = folder / UNPACKED / archive_title(dataset)
        for sentence in sentences(unpack(dataset, place).left_out):
            print(visible_lines(sentence), file=sys.stderr)
        yield place
