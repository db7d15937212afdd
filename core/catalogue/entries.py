"""The catalogue: detectors of the Open Model Zoo that OpenVINO reads as they are.

The facts lie in ``resources/catalogue/models.json``; the README beside it says where from.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from core.errors import InputError
from core.values import Value, from_json

ZOO = "https://github.com/openvinotoolkit/open_model_zoo"


class CatalogueFile(Value):
    """A file to download.

    Attributes:
        name: what the zoo calls it.
        url: where it is downloaded from; ``https``.
        zoo_url: the address as the zoo gives it, which may be the same with ``http``.
        original_url: where the zoo had it from, if it says so.
        size_bytes, algorithm, checksum: as the zoo gives them; the checksum in hexadecimal.
        member: the model's path inside, where the file is an archive (``.tar.gz``).
    """

    name: str
    url: str
    zoo_url: str
    original_url: str | None
    size_bytes: int
    algorithm: Literal["sha256", "sha384"]
    checksum: str
    member: str | None

    @property
    def model_suffix(self) -> str:
        """Of the file that the model is made of, such as ``.pb``."""
        return PurePosixPath(self.member or self.name).suffix

    @property
    def host(self) -> str:
        """Who is contacted."""
        return urlsplit(self.url).hostname or ""


class CatalogueInput(Value):
    """What the model takes. `mean` and `scale` are None where the zoo states none."""

    name: str
    shape: tuple[int, ...]
    layout: Literal["NCHW", "NHWC"]
    color_order: Literal["RGB", "BGR"]
    mean: tuple[float, ...] | None
    scale: tuple[float, ...] | None

    @property
    def width(self) -> int:
        """In pixels."""
        return self.shape[3 if self.layout == "NCHW" else 2]

    @property
    def height(self) -> int:
        """In pixels."""
        return self.shape[2 if self.layout == "NCHW" else 1]


class Accuracy(Value):
    """A figure as the zoo published it; `unit` is ``%`` or empty."""

    value: float
    unit: str
    metric: str
    dataset: str | None

    @property
    def figure(self) -> str:
        """The number alone, such as ``24.9452%``."""
        return f"{self.value:g}{self.unit}"

    @property
    def text(self) -> str:
        """Such as ``24.9452% coco_precision on COCO``."""
        return f"{self.figure} {self.metric}" + (f" on {self.dataset}" if self.dataset else "")


class ZooFile(Value):
    """A file of the zoo's repository, in the version that was read."""

    path: str
    commit: str

    @property
    def url(self) -> str:
        """Its page."""
        return f"{ZOO}/blob/{self.commit}/{self.path}"


class CatalogueEntry(Value):
    """A detector that can be downloaded. None stands for what could not be established.

    Attributes:
        task: what it finds, such as ``Faces``.
        framework: ``openvino``, ``onnx`` or ``tensorflow``.
        label_map: name of the label map that the class names come from.
        class_names: in the order of their ids.
        first_class_id: the id of the first of them, according to the zoo.
        accuracy: the main figure first.
        gflops, mparams: billions of operations for an image, millions of parameters.
        license: an SPDX identifier.
        note: what else to know.
        model_yml, readme: where the facts were read.
    """

    name: str
    task: str
    description: str
    framework: Literal["openvino", "onnx", "tensorflow"]
    input: CatalogueInput
    label_map: str | None
    class_names: tuple[str, ...]
    first_class_id: int
    accuracy: tuple[Accuracy, ...]
    gflops: float | None
    mparams: float | None
    license: str | None
    license_url: str | None
    note: str | None
    files: tuple[CatalogueFile, ...]
    model_yml: ZooFile
    readme: ZooFile

    @property
    def size_bytes(self) -> int:
        """Of the download."""
        return sum(file.size_bytes for file in self.files)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Who is contacted by a download."""
        return tuple(dict.fromkeys(file.host for file in self.files))

    @property
    def model_file(self) -> str:
        """What the file to import is called after the download."""
        return self.name + self.files[0].model_suffix


class _Facts(Value):
    label_maps: dict[str, tuple[str, ...]]
    models: tuple[msgspec.Raw, ...]


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """All entries, in the order in which they are shown."""
    data = resources.files("resources").joinpath("catalogue/models.json").read_bytes()
    facts: _Facts = from_json(data, _Facts)
    entries = []
    for raw in facts.models:
        content = msgspec.json.decode(raw)
        if content["class_names"] is None:
            content["class_names"] = facts.label_maps[content["label_map"]]
        entries.append(msgspec.convert(content, CatalogueEntry))
    return tuple(entries)


def entry_named(name: str) -> CatalogueEntry:
    """The entry with this name; raises InputError where there is none."""
    for entry in catalogue():
        if entry.name == name:
            return entry
    near = [entry.name for entry in catalogue() if name and name.lower() in entry.name.lower()]
    raise InputError(
        f"The catalogue has no model {name!r}.",
        f"Did you mean {', '.join(near[:5])}?" if near else "'catalogue list' shows all of them.",
    )
