"""New datasets from dropped images, and their augmented images."""

from pathlib import Path

import numpy as np
import pytest

from core.dataset_making.creating import create_dataset
from core.datasets.open import open_dataset
from core.errors import InputError, JobCancelled
from core.images.augment import Augmentation, augmented_images
from core.images.decode import read_image
from core.remarks.sentences import sentences
from tests.support.image_files import write_turned
from tests.support.images import sample_image, write_image, write_images
from tests.support.tar_shards import image, write_shards, write_tar

EVERYTHING = Augmentation(
    horizontal_flip=True,
    vertical_flip=True,
    erase=0.3,
    noise=0.1,
    brightness=0.3,
    contrast=0.5,
    color=0.8,
    copies=2,
    seed=3,
)


def test_files_and_folders_are_copied_byte_for_byte(tmp_path: Path) -> None:
    one = write_image(tmp_path / "drop" / "ünï 猫.jpg")
    same = write_image(tmp_path / "drop" / "other" / "ÜNÏ 猫.jpg", seed=1)
    folder = write_images(tmp_path / "album", 2)
    write_image(folder / "sub" / "image 000.jpg", seed=9)
    made = create_dataset([one, same, folder, one], tmp_path / "new", Augmentation())
    assert (made.images, made.augmented, made.problems) == (5, 0, ())
    dataset = open_dataset(tmp_path / "new" / "images")
    assert dataset.images == (
        "ÜNÏ 猫 (2).jpg",
        "ünï 猫.jpg",
        "album/image 000.jpg",
        "album/image 001.jpg",
        "album/sub/image 000.jpg",
    )
    assert dataset.path(1).read_bytes() == one.read_bytes()
    assert dataset.path(0).read_bytes() == same.read_bytes()


def test_images_come_out_of_tar_shards(tmp_path: Path) -> None:
    folder = write_shards(tmp_path / "set", [None, [], None])
    one = write_tar(tmp_path / "one.tar", [("a/7.jpg", image(7)), ("8.png", b"no image")])
    made = create_dataset([folder, one, folder], tmp_path / "new", Augmentation())
    assert (made.images, len(made.problems)) == (4, 1)
    dataset = open_dataset(tmp_path / "new")
    assert (dataset.kind, dataset.images) == (
        "folder",
        (
            "images/one/a/7.jpg",
            "images/set/shard-000000/000000.jpg",
            "images/set/shard-000000/000001.jpg",
            "images/set/shard-000001/000002.jpg",
        ),
    )
    assert dataset.path(0).read_bytes() == image(7)


def test_a_damaged_shard_is_said(tmp_path: Path) -> None:
    folder = write_shards(tmp_path / "set", [None, None, None])
    shard = folder / "shard-000001.tar"
    shard.write_bytes(shard.read_bytes()[:700])
    made = create_dataset([folder], tmp_path / "new", Augmentation())
    assert made.images == 2
    assert sentences(made.problems)[0].startswith("shard-000001.tar is left out")
    with pytest.raises(InputError, match="None of the chosen files is an image") as refused:
        create_dataset([shard], tmp_path / "none", Augmentation())
    assert refused.value.next_step.startswith("shard-000001.tar is left out")


def test_each_kind_of_augmentation_is_made(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "x.jpg")
    write_image(tmp_path / "a" / "y.png", seed=1)
    assert EVERYTHING.augmented == 2 + 5 * 2
    made = create_dataset([tmp_path / "a"], tmp_path / "new", EVERYTHING)
    assert (made.images, made.augmented) == (2, 24)
    names = open_dataset(tmp_path / "new").images
    assert len(names) == 26
    assert {"images/a/x.flipped-horizontally.jpg", "images/a/y.noisy-2.png"} <= set(names)
    flipped = read_image(tmp_path / "new" / "images" / "a" / "y.flipped-vertically.png")
    assert (flipped == sample_image(96, 80, 1)[::-1]).all()


def test_the_seed_alone_decides_what_is_drawn() -> None:
    image = sample_image(60, 40)

    def drawn(augmentation: Augmentation, number: int = 5) -> dict[str, bytes]:
        return {
            name: pixels.tobytes() for name, pixels in augmented_images(image, augmentation, number)
        }

    assert drawn(EVERYTHING) == drawn(EVERYTHING)
    assert len(set(drawn(EVERYTHING).values())) == 12
    noise = Augmentation(noise=0.1, copies=2, seed=3)
    assert drawn(noise).items() <= drawn(EVERYTHING).items(), "whatever else is on"
    assert drawn(Augmentation(noise=0.1, copies=2, seed=4)) != drawn(noise)
    assert drawn(noise, 6) != drawn(noise)


def test_augmented_images_change_what_they_say() -> None:
    image = sample_image(60, 40)
    everything = Augmentation(
        horizontal_flip=True, erase=0.3, noise=0.1, brightness=0.5, contrast=0.9, color=1.0
    )
    made = dict(augmented_images(image, everything, 1))
    assert all(pixels.shape == image.shape and pixels.dtype == np.uint8 for pixels in made.values())
    assert (made["flipped-horizontally"] == image[:, ::-1]).all()
    changed = (made["erased"] != image).any(axis=2)
    assert 0.05 < changed.mean() <= 0.31
    rows, columns = np.nonzero(changed)
    assert changed[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].mean() > 0.95
    noise = made["noisy"].astype(int) - image
    assert 15 < noise.std() < 30
    assert len(np.unique(np.sign(made["brightness"].astype(int) - image))) <= 2
    grey = np.full((4, 4, 3), 77, np.uint8)
    again = dict(augmented_images(grey, Augmentation(contrast=1.0, color=1.0), 1))
    assert (again["contrast"] == 77).all()
    assert np.abs(again["color"].astype(int) - 77).max() <= 1


def test_turned_originals_stay_and_their_augmented_images_are_upright(tmp_path: Path) -> None:
    path = write_turned(tmp_path / "x.jpg", sample_image(64, 32), 6)
    create_dataset([path], tmp_path / "new", Augmentation(vertical_flip=True))
    original = tmp_path / "new" / "images" / "x.jpg"
    assert original.read_bytes() == path.read_bytes()
    upright = read_image(original)
    variant = read_image(original.with_name("x.flipped-vertically.jpg"))
    assert upright.shape == variant.shape == (64, 32, 3)
    assert np.abs(variant[::-1].astype(int) - upright).mean() < 4


@pytest.mark.parametrize("augmentation", [Augmentation(), Augmentation(horizontal_flip=True)])
def test_images_that_cannot_be_read_are_left_out(
    tmp_path: Path, augmentation: Augmentation
) -> None:
    folder = write_images(tmp_path / "a", 3)
    whole = (folder / "image 001.jpg").read_bytes()
    (folder / "image 001.jpg").write_bytes(whole[: len(whole) // 2])
    made = create_dataset([folder], tmp_path / "new", augmentation)
    assert made.images == 2
    assert ["image 001.jpg is cut short" in problem for problem in sentences(made.problems)] == [
        True
    ]
    (folder / "image 000.jpg").write_bytes(b"")
    (folder / "image 002.jpg").unlink()
    with pytest.raises(InputError, match="None of the 2 images could be read"):
        create_dataset([folder], tmp_path / "other", augmentation)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for source, cause in (
        ("gone.jpg", "There is no file"),
        ("notes.txt", "does not have the file name of an image"),
        ("empty", "None of the chosen files is an image"),
    ):
        with pytest.raises(InputError, match=cause):
            create_dataset([tmp_path / source], tmp_path / "new", Augmentation())


def test_it_can_be_stopped_at_any_image(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "a", 3)

    def step(stage: str, done: int, total: int | None) -> None:
        if (stage, done) == ("Copying the images", 2):
            raise JobCancelled

    with pytest.raises(JobCancelled):
        create_dataset([folder], tmp_path / "new", Augmentation(), step)
