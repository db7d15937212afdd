"""The table of jobs: every line leads to its job, which is imported alone."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

import core.capabilities
from core.capabilities import job_class, jobs
from core.jobs.job import tag_of


def test_every_line_leads_to_the_job_with_its_tag() -> None:
    tags = [tag_of(kind) for kind in jobs()]
    assert len(set(tags)) == len(tags) >= 21
    for tag, kind in zip(tags, jobs(), strict=True):
        assert job_class(f'{{"type": "{tag}", "more": 1}}'.encode()) is kind


@pytest.mark.parametrize("request_", [b'{"type": "unheard of"}', b'{"type": 3}', b"[]", b"{", b""])
def test_a_request_for_no_job_is_refused(request_: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        job_class(request_)


def test_a_job_imports_no_other_capability() -> None:
    program = (
        "import sys; from core.capabilities import job_class;"
        'job_class(b\'{"type": "check_dataset"}\');'
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('core.')})"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )
    rooms = set(ran.stdout.split())
    assert "dataset_making" in rooms
    others = {"optimize", "search", "benchmark", "profiling", "reports", "transfer", "catalogue",
              "deployment", "importing", "check", "wording"}  # fmt: skip
    assert not rooms & others


def test_what_a_job_needs_can_be_imported_before_it_is_asked_for() -> None:
    """A line that leads nowhere would be passed over in silence."""
    tags = {tag_of(kind) for kind in jobs()}
    assert set(core.capabilities.NEEDED) <= tags
    for tag in core.capabilities.NEEDED:
        core.capabilities.get_ready(tag)
