"""A project whose images are in tar shards: they travel as they are, and nothing is unpacked."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.datasets.stored import load_dataset
from core.deployment.service import plan_package
from core.images.decode import read_file
from core.importing.examining import images_to_try, some_images
from core.importing.service import plan_import
from core.machines.dataset_parcel import pack_dataset
from core.machines.parcel import Packing
from core.search.augmenting import augmented
from core.transfer.bundle import SUFFIX
from core.transfer.service import plan_pack, plan_unpack
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import run
from tests.support.tar_shards import image, write_shards

BOXES = [{"bbox": [1, 2, 30, 20], "category": "cat"}]


def test_a_project_travels_with_its_shards(first_made: Made, tmp_path: Path) -> None:
    shards, file = write_shards(tmp_path / "set", [BOXES] * 3), tmp_path / f"p{SUFFIX}"
    workspace, other = Workspace(tmp_path / "one"), Workspace(tmp_path / "other")
    done = run(workspace, plan_import(workspace, first_made.model, shards))
    assert done.end.outcome.state == "succeeded", done.end.outcome.error
    assert done.end.project_id is not None
    package = tmp_path / "package"
    handed = run(workspace, plan_package(workspace, done.end.project_id, package))
    assert handed.end.outcome.state == "succeeded", handed.end.outcome.error
    examples = sorted((package / "self_test").glob("*.jpg"))
    assert [one.read_bytes() for one in examples] == [image(one) for one in range(3)]
    packed = run(workspace, plan_pack(workspace, done.end.project_id, file))
    assert packed.end.outcome.state == "succeeded", packed.end.outcome.error
    shutil.rmtree(shards)
    there = run(other, plan_unpack(other, file))
    assert there.end.outcome.state == "succeeded", there.end.outcome.error
    dataset = load_dataset(other.projects()[0].dataset)
    assert [read_file(dataset.path(one)) for one in range(3)] == [image(one) for one in range(3)]
    assert read_annotations(dataset).class_names == ("cat",)
    assert len(some_images(other.projects()[0].dataset)) == 3


def test_shards_are_sent_whole_and_single_images_by_themselves(tmp_path: Path) -> None:
    dataset = open_dataset(write_shards(tmp_path / "set", [BOXES] * 3))
    whole, few = (Packing(tmp_path / name, lambda *step: None) for name in ("whole", "few"))
    pack_dataset(whole, dataset)
    assert sorted(one.name for one in whole.files()) == [
        "data/dataset.json", "data/shard-000000.tar", "data/shard-000001.tar"
    ]  # fmt: skip
    few.images(map(dataset.path, (0, 2)))
    assert [path.read_bytes() for path in few.files().values()] == [image(0), image(2)]


def test_images_are_tried_and_augmented(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "set", [BOXES] * 3)
    assert [read_file(one) for one in images_to_try(shards)] == [image(one) for one in range(3)]
    more, problems = augmented(open_dataset(shards), tmp_path / "more", lambda *step: None)
    assert len(more.images) > 3 and not problems
    assert read_file(more.path(0)) == image(0)
