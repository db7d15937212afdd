"""The catalogue's facts are complete, well formed, and safe to act on."""

import re
import string
from collections import Counter
from urllib.parse import urlsplit

import pytest

from core.catalogue.entries import CatalogueEntry, catalogue, entry_named
from core.detection.labels import label_map
from core.errors import InputError

HEX_DIGITS = {"sha256": 64, "sha384": 96}
each_entry = pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)


def test_some_thirty_detectors_ssd_mobilenet_v2_first() -> None:
    assert len(catalogue()) >= 30
    assert catalogue()[0].name == "ssd_mobilenet_v2_coco"


def test_names_and_checksums_are_unique() -> None:
    names = Counter(entry.name for entry in catalogue())
    checksums = Counter(file.checksum for entry in catalogue() for file in entry.files)
    assert max(names.values()) == max(checksums.values()) == 1


@each_entry
def test_files_have_a_size_a_checksum_and_an_https_address(entry: CatalogueEntry) -> None:
    assert entry.files
    for file in entry.files:
        assert urlsplit(file.url).scheme == "https"
        assert file.url.split("://")[1] == file.zoo_url.split("://")[1]
        assert file.size_bytes > 0
        assert len(file.checksum) == HEX_DIGITS[file.algorithm]
        assert set(file.checksum) <= set(string.hexdigits.lower())
        assert (file.member is not None) == file.name.endswith(".tar.gz")


@each_entry
def test_files_suit_the_framework(entry: CatalogueEntry) -> None:
    suffixes = [file.model_suffix for file in entry.files]
    expected = {"openvino": [".xml", ".bin"], "onnx": [".onnx"], "tensorflow": [".pb"]}
    assert suffixes == expected[entry.framework]
    assert re.fullmatch(r"[A-Za-z0-9][\w.-]*", entry.model_file)


@each_entry
def test_ir_is_of_a_release_that_can_be_read(entry: CatalogueEntry) -> None:
    if entry.framework == "openvino":
        assert all("/open_model_zoo/2023.0/models_bin/" in file.url for file in entry.files)


@each_entry
def test_inputs_are_one_image_in_colour(entry: CatalogueEntry) -> None:
    taken = entry.input
    channels = taken.shape[1] if taken.layout == "NCHW" else taken.shape[3]
    assert (taken.shape[0], channels, len(taken.shape)) == (1, 3, 4)
    assert 64 <= min(taken.width, taken.height) <= max(taken.width, taken.height) <= 2048
    assert all(values is None or len(values) == 3 for values in (taken.mean, taken.scale))


@each_entry
def test_classes_accuracy_and_licence_are_told(entry: CatalogueEntry) -> None:
    assert entry.class_names
    assert len(set(entry.class_names)) == len(entry.class_names)
    assert entry.first_class_id in (0, 1)
    assert entry.license in ("Apache-2.0", "MIT")
    assert all(0 < a.value <= (100 if a.unit == "%" else 1) for a in entry.accuracy)
    assert re.fullmatch("[0-9a-f]{40}", entry.model_yml.commit)
    assert entry.name in entry.model_yml.url


def test_coco_names_are_those_of_the_program() -> None:
    assert entry_named("yolo-v3-tf").class_names == label_map("coco-80")


def test_an_unknown_name_is_refused_with_what_is_near() -> None:
    with pytest.raises(InputError, match=r"Did you mean face-detection-0200"):
        entry_named("face-detection-02")
    with pytest.raises(InputError, match="catalogue list"):
        entry_named("swin")
