"""Downloads through the real job: whole ones, and those that break off and are resumed."""

from pathlib import Path

import pytest

from core.catalogue.downloading import REST_STAGE, STAGE
from core.catalogue.entries import CatalogueEntry
from core.catalogue.job import DownloadResult
from core.catalogue.service import downloaded_model, plan_download
from core.importing.service import plan_import
from core.jobs.job import RESULT_FILE
from core.models.stored import load_stored
from core.values import read_json
from core.workspace.store import Workspace
from tests.core.catalogue.downloads import (
    DATA,
    OTHER,
    downloaded,
    part,
    planned,
    require_failed,
    require_whole,
    started,
)
from tests.support import models
from tests.support.catalogue_server import (
    Behaviour,
    Server,
    another_range,
    breaks_off,
    ignores_ranges,
    redirects,
    right,
    running,
    serve,
    slow,
    stalls,
    unannounced,
)
from tests.support.images import write_images
from tests.support.jobs import leftovers, run


def test_a_download_is_whole_and_says_what_it_is(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    job = planned(workspace, entry)
    ended = run(workspace, job)
    require_whole(workspace, entry, ended)
    assert ended.end.project_id is None
    assert ended.stages == [STAGE]
    assert job.model == downloaded_model(workspace, entry)
    result = read_json(job.destination / RESULT_FILE, DownloadResult)
    assert result == DownloadResult(model="net.onnx", entry=entry)
    names = {path.name for path in job.destination.iterdir()}
    assert names == {"net.onnx", "net.txt", RESULT_FILE}
    assert server.ranges == [""]


def test_a_downloaded_model_can_be_imported(
    server: Server, workspace: Workspace, tmp_path: Path
) -> None:
    made = models.save(models.ssd(), tmp_path / "made", "tiny")
    files = {f"FP32/tiny.{end}": made.with_suffix(f".{end}").read_bytes() for end in ("xml", "bin")}
    entry = serve(server, "tiny-zoo-0001", files)
    job = planned(workspace, entry)
    assert run(workspace, job).end.outcome.state == "succeeded"
    assert job.model.name == "tiny-zoo-0001.xml"
    images = write_images(tmp_path / "images", 2)
    imported = run(workspace, plan_import(workspace, job.model, images)).end
    assert imported.project_id is not None, imported.outcome.error
    stored = workspace.project(imported.project_id).model
    assert stored is not None
    assert load_stored(stored).card.detector.class_names == entry.class_names


def test_planning_contacts_nobody(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    planned(workspace, entry)
    downloaded_model(workspace, entry)
    assert server.requests == []


@pytest.mark.parametrize("answer", [unannounced(), ignores_ranges], ids=["no length", "no ranges"])
def test_a_simple_server_is_enough(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour
) -> None:
    server.script.append(answer)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_redirects_are_followed(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [redirects("/a"), redirects("/b?c=d"), redirects("/model.onnx")]
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_the_systems_proxy_is_asked(
    server: Server, workspace: Workspace, entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        proxy.files = server.files
        proxy.script.append(lambda handler, data: right(handler, DATA))
        monkeypatch.setenv("http_proxy", proxy.address)
        require_whole(workspace, entry, downloaded(workspace, entry))
        assert [path for path, _ in proxy.requests] == [entry.files[0].url]
    assert server.requests == []


def test_a_download_that_breaks_off_is_gone_on_with_at_once(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [breaks_off(100_000), breaks_off(50_000)]
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.ranges == ["", "bytes=100000-", "bytes=150000-"]


def test_a_server_that_keeps_breaking_off_is_given_up_and_gone_on_with_later(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script += [breaks_off(100_000), *[breaks_off(0)] * 3]
    require_failed(workspace, entry, downloaded(workspace, entry), "broke off after 100,000 of")
    assert part(workspace, entry).read_bytes() == DATA[:100_000]
    server.script.clear()
    ended = downloaded(workspace, entry)
    require_whole(workspace, entry, ended)
    assert ended.stages == [REST_STAGE]
    assert server.ranges[-1] == "bytes=100000-"


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    started(workspace, entry, DATA[:1000], tag='"version-0"')
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.requests[0][1]["If-Range"] == '"version-0"'


@pytest.mark.parametrize("answer", [ignores_ranges, another_range], ids=["all", "the wrong part"])
def test_a_server_that_cannot_go_on_gives_all_of_it(
    server: Server, workspace: Workspace, entry: CatalogueEntry, answer: Behaviour
) -> None:
    started(workspace, entry, DATA[:1000])
    server.script.append(answer)
    require_whole(workspace, entry, downloaded(workspace, entry))


@pytest.mark.parametrize(
    "wrong", [OTHER, OTHER + DATA, DATA[:-1] + b"x"], ids=["start", "too long", "same length"]
)
def test_a_wrong_start_is_thrown_away(
    server: Server, workspace: Workspace, entry: CatalogueEntry, wrong: bytes
) -> None:
    started(workspace, entry, wrong)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_a_complete_part_needs_no_network(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    started(workspace, entry, DATA)
    require_whole(workspace, entry, downloaded(workspace, entry))
    assert server.requests == []


def test_a_cancelled_download_stops_at_once_and_is_gone_on_with(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script.append(slow)
    ended = run(workspace, planned(workspace, entry), cancel_at=STAGE)
    assert ended.end.outcome.state == "cancelled"
    assert ended.cancel_seconds is not None
    assert ended.cancel_seconds < 1.5
    assert not planned(workspace, entry).destination.exists()
    assert leftovers(workspace.root) == []
    kept = part(workspace, entry).stat().st_size
    assert kept < len(DATA)
    require_whole(workspace, entry, downloaded(workspace, entry))


def test_a_stalled_download_can_be_cancelled(
    server: Server, workspace: Workspace, entry: CatalogueEntry
) -> None:
    server.script.append(stalls(1000))
    job = plan_download(workspace, entry, timeout_seconds=60)
    ended = run(workspace, job, cancel_at=STAGE)
    assert ended.end.outcome.state == "cancelled"
    assert ended.cancel_seconds is not None
    assert ended.cancel_seconds < 1.5
