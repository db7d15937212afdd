"""A model that was imported before is not examined again, unless anything of it changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli.imported import import_into
from core.errors import InputError
from core.importing import cache
from core.importing.examining import import_job
from core.jobs.job import Job
from core.jobs.runner import run_job
from core.models.adjusting import Overrides
from core.models.stored import StoredModel, load_stored
from core.unfinished import user_cache
from tests.support.blobs import blob_finder, blob_images
from tests.support.images import write_images
from tests.support.jobs import leftovers
from tests.support.models import CLASSES, save, ssd
from tests.support.protobuf import number, text


class Imports:
    """Imports a model again and again, and counts how often it was examined."""

    def __init__(self, folder: Path) -> None:
        self.model = save(ssd(), folder / "model", "tiny", CLASSES)
        self.images = write_images(folder / "images", 3)
        self.folder = folder
        self.examined = 0
        self.overrides = Overrides()
        self.anew = False

    def run(self, job: Job, folder: Path) -> Path:
        self.examined += 1
        return run_job(job, folder).require()

    def again(self) -> StoredModel:
        """Import it into a new folder."""
        number = len(list(self.folder.iterdir()))
        target = self.folder / f"imported {number}"
        return import_into(
            self.run, self.model, target, self.overrides, self.images, anew=self.anew
        )


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Imports:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_JUST_NOW", -(10**18))  # files of a test are new
    return Imports(tmp_path / "user")


def entries() -> list[Path]:
    return sorted((user_cache() / "models").iterdir())


def content(stored: StoredModel) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in stored.xml.parent.iterdir()}


def test_it_is_examined_once(imports: Imports) -> None:
    first = imports.again()
    second = imports.again()
    assert imports.examined == 1
    assert content(first) == content(second)
    assert load_stored(second.xml) == second
    assert leftovers(user_cache()) == []


def touch(imports: Imports) -> None:
    os.utime(imports.model)


def other_names(imports: Imports) -> None:
    imports.model.with_name("labels.txt").write_text("\n".join(reversed(CLASSES)))


def other_weights(imports: Imports) -> None:
    path = imports.model.with_suffix(".bin")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def other_image(imports: Imports) -> None:
    sorted(imports.images.iterdir())[0].unlink()


def other_settings(imports: Imports) -> None:
    imports.overrides = Overrides(color_order="rgb")


CHANGES = [touch, other_names, other_weights, other_image, other_settings]


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_examined_again_when_anything_changed(
    imports: Imports, change: Callable[[Imports], None]
) -> None:
    imports.anew = True
    imports.again()
    change(imports)
    imports.again()
    assert imports.examined == 2


def test_one_whose_card_says_how_it_is_used_is_the_same_on_any_images(
    imports: Imports, tmp_path: Path
) -> None:
    imports.model = imports.again().xml
    first = imports.again()
    assert imports.examined == 2
    imports.images = write_images(tmp_path / "others", 2, first=50)
    assert content(imports.again()) == content(first)
    assert imports.examined == 2
    weights = imports.model.with_suffix(".bin")
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)  # the card is of others
    imports.anew = True
    imports.again()
    assert imports.examined == 3
    imports.images = write_images(tmp_path / "more", 3, first=60)
    imports.again()
    assert imports.examined == 4


def test_what_images_have_settled_is_taken_with_others(imports: Imports, tmp_path: Path) -> None:
    """A command after another uses a model in the same way, and does not try it again."""
    imports.model = save(blob_finder(rgb=False, unit=True), tmp_path / "blobs", "blobs", ["red"])
    imports.images = blob_images(tmp_path / "blank", number=2)[0].parent
    for path in imports.images.iterdir():
        path.write_bytes(b"no image")
    imports.again()
    imports.images = blob_images(tmp_path / "clear")[0].parent
    first = imports.again()
    assert imports.examined == 2  # the others told nothing
    assert first.card.detector.preprocessing.color_order == "bgr"
    for folder in (tmp_path / "blank", write_images(tmp_path / "others", 3)):
        imports.images = folder
        assert content(imports.again()) == content(first)
    assert imports.examined == 2
    imports.anew = True
    assert imports.again().card.detector.preprocessing.color_order == "rgb"  # by convention
    assert imports.examined == 3


def test_a_model_that_was_made_here_is_not_examined(imports: Imports, tmp_path: Path) -> None:
    made = imports.again().xml
    imports.model = made
    cache.leave_made(made)
    first = imports.again()
    assert imports.examined == 1
    assert load_stored(first.xml).card == load_stored(made).card
    moved = tmp_path / "elsewhere" / made.name
    moved.parent.mkdir()
    for path in made.parent.iterdir():
        (moved.parent / path.name).write_bytes(path.read_bytes())
    imports.model = moved
    imports.again()
    assert imports.examined == 1
    moved.write_bytes(moved.read_bytes() + b"\n")
    imports.again()
    assert imports.examined == 2


def test_what_lies_beside_it_and_is_no_part_of_it_changes_nothing(imports: Imports) -> None:
    imports.again()
    (imports.model.parent / "run.log").write_text("a line")
    (imports.model.parent / "optimized").mkdir()
    imports.again()
    assert imports.examined == 1


def test_weights_in_another_folder_are_looked_at(imports: Imports) -> None:
    """They may lie in one of an ONNX file's folder."""
    weights = imports.folder / "onnx" / "deep" / "weights.bin"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(bytes(4))
    place = text(13, text(1, "location") + text(2, "deep/weights.bin"))
    model = imports.folder / "onnx" / "model.onnx"
    model.write_bytes(number(1, 8) + text(7, text(5, number(1, 1) + number(2, 1) + place)))
    before, lasting = cache.key_of(import_job(model))
    assert before and lasting
    assert cache.key_of(import_job(model)) == (before, True)
    os.utime(weights, (1, 1))
    assert cache.key_of(import_job(model))[0] != before
    weights.unlink()
    assert cache.key_of(import_job(model)) == ("", False)


def test_a_file_that_has_just_changed_may_do_so_again(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_JUST_NOW", 10**18)
    imports.again()
    imports.again()
    assert imports.examined == 2


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: bytes([data[0] ^ 1]) + data[1:]]
)
@pytest.mark.parametrize("suffix", [".bin", ".xml", ".card.json", "about.json"])
def test_what_was_damaged_is_made_anew(
    imports: Imports, suffix: str, damage: Callable[[bytes], bytes]
) -> None:
    first = imports.again()
    (entry,) = entries()
    (path,) = [one for one in entry.iterdir() if one.name.endswith(suffix)]
    path.write_bytes(damage(path.read_bytes()))
    second = imports.again()
    assert imports.examined == 2
    assert content(first) == content(second)
    imports.again()
    assert imports.examined == 2


def test_a_name_that_leads_elsewhere_is_not_followed(imports: Imports) -> None:
    imports.again()
    (entry,) = entries()
    about = entry / "about.json"
    about.write_text(about.read_text().replace('"tiny.bin"', '"../tiny.bin"'))
    (entry.parent / "tiny.bin").write_bytes((entry / "tiny.bin").read_bytes())
    imports.again()
    assert imports.examined == 2
    assert not (imports.folder / "tiny.bin").exists()


def test_the_longest_unused_go_first(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    imports.again()
    (oldest,) = entries()
    size = sum(path.stat().st_size for path in oldest.iterdir())
    touch(imports)
    imports.again()
    (used,) = set(entries()) - {oldest}
    os.utime(oldest, (1, 1))
    monkeypatch.setattr(cache, "LIMIT_BYTES", 4 * size)
    for _ in range(4):
        touch(imports)
        imports.again()
    assert oldest not in entries()
    assert used in entries() or len(entries()) == 4
    assert sum(path.stat().st_size for one in entries() for path in one.iterdir()) <= 4 * size


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(imports: Imports) -> None:
    folder = user_cache() / "models"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file in its place")
    imports.again()
    imports.again()
    assert imports.examined == 2


def test_what_cannot_be_imported_leaves_nothing(imports: Imports) -> None:
    imports.model.with_suffix(".bin").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(InputError):
            imports.again()
    assert imports.examined == 2
    assert not (user_cache() / "models").exists()
