"""Archives: datasets out of them, and nothing else."""

import gzip
import io
import os
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.datasets.archives.limits import Limits
from core.datasets.archives.unpacking import archive_title, is_archive, unpack
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError, JobCancelled
from core.remarks.remark import remark
from tests.support.datasets import write_coco, write_voc, write_yolo
from tests.support.images import encoded, sample_image

IMAGE = encoded(sample_image(16, 16))
Entries = list[tuple[str, bytes]]


def zipped(path: Path, entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def tarred(path: Path, entries: Entries) -> Path:
    kind = {".gz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}.get(path.suffix, "w")
    with tarfile.open(path, kind) as archive:  # type: ignore[call-overload]
        for name, data in entries:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def entries_of(folder: Path) -> Entries:
    return [(p.relative_to(folder.parent).as_posix(), p.read_bytes())
            for p in sorted(folder.rglob("*")) if p.is_file()]  # fmt: skip


def refused(archive: Path, cause: str, limits: Limits | None = None) -> None:
    """That nothing is unpacked, and that nothing is left of the attempt."""
    place = archive.parent / "place"
    place.mkdir(exist_ok=True)
    with pytest.raises(InputError, match=cause) as error:
        unpack(archive, place / "out", limits=limits)
    assert str(archive) in error.value.what
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("name", ["a.zip", "a b.tar", "a.tar.gz", "a.tgz", "a.tar.xz", "a.tar.bz2"])
@pytest.mark.parametrize("layout", ["coco", "voc", "yolo"])
def test_a_dataset_comes_out_as_it_went_in(tmp_path: Path, name: str, layout: str) -> None:
    source = tmp_path / "my set"
    if layout == "coco":
        write_coco(source)
    elif layout == "voc":
        write_voc(source)
    else:
        write_yolo(source / "images", source / "labels")
    make = zipped if name.endswith(".zip") else tarred
    archive = make(tmp_path / name, entries_of(source))
    assert is_archive(archive)
    stages: list[int] = []
    done = unpack(archive, tmp_path / "out", lambda stage, done, total: stages.append(done))
    assert done.files == len(entries_of(source))
    assert entries_of(tmp_path / "out" / "my set") == entries_of(source)
    assert stages == sorted(stages)
    dataset = open_dataset(tmp_path / "out")
    assert (dataset.kind, len(read_annotations(dataset).boxes)) == (layout, 3)
    assert archive_title(archive) in ("a", "a b")


BAD_NAMES = [
    ("../x.jpg", "leads out of the folder"),
    ("a/../../x.jpg", "leads out of the folder"),
    ("a\\..\\..\\x.jpg", "leads out of the folder"),
    ("/etc/x.jpg", "is an absolute path"),
    ("C:/x.jpg", "is an absolute path"),
    ("C:x.jpg", "is an absolute path"),
    ("\\\\server\\share\\x.jpg", "is an absolute path"),
    ("a/x.jpg:stream.jpg", "not a valid name on every system"),
    ("aux.jpg", "not a valid name on every system"),
    ("a./x.jpg", "not a valid name on every system"),
    ("a\nb.jpg", "control characters"),
    ("/".join(["d"] * 40) + "/x.jpg", "paths is too long"),
    ("n" * 300 + ".jpg", "names is too long"),
]


@pytest.mark.parametrize(("name", "cause"), BAD_NAMES)
@pytest.mark.parametrize("make", [zipped, tarred])
def test_names_that_lead_astray(
    tmp_path: Path, make: Callable[[Path, Entries], Path], name: str, cause: str
) -> None:
    archive = make(tmp_path / "a.bin", [("good.jpg", IMAGE), (name, IMAGE)])
    refused(archive, cause)


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "names", [("x.jpg", "X.JPG"), ("é.jpg", "e\u0301.jpg"), ("a.jpg", "a.jpg/b.jpg"),
              ("d/a.jpg/b.jpg", "D/A.jpg"), ("./x.jpg", "x.jpg")]
)  # fmt: skip
def test_names_that_clash(
    tmp_path: Path, make: Callable[[Path, Entries], Path], names: tuple[str, str]
) -> None:
    refused(make(tmp_path / "a.bin", [(name, IMAGE) for name in names]), "clashes with another")


def test_what_is_of_no_use_stays_in(tmp_path: Path) -> None:
    names = ["x.jpg", "run.sh", "model.xml", ".hidden/x.jpg", "__MACOSX/._x.jpg", "a/y.png"]
    archive = zipped(tmp_path / "a.zip", [(name, IMAGE) for name in names])
    unpack(archive, tmp_path / "out")
    out = sorted(name.split("/", 1)[1] for name, _ in entries_of(tmp_path / "out"))
    assert out == ["a/y.png", "model.xml", "x.jpg"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE,
                                  tarfile.FIFOTYPE])  # fmt: skip
def test_links_and_devices_in_a_tar(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("x.jpg")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    refused(path, r"x\.jpg is a link or a device")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("x.jpg")
        member.external_attr = (kind | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    refused(path, r"x\.jpg is a link or a device")


def test_sizes_beyond_the_limits(tmp_path: Path) -> None:
    zeros = bytes(4_000_000)
    flat = zipped(tmp_path / "flat.zip", [(f"{n}.jpg", zeros) for n in range(3)])
    tar = tarred(tmp_path / "flat.tar.gz", [(f"{n}.jpg", zeros) for n in range(3)])
    for archive in (flat, tar):
        refused(archive, "times its own size", Limits(free_bytes=1_000_000))
        refused(archive, "holds more than", Limits(total_bytes=9_000_000))
        refused(archive, "has more than", Limits(file_bytes=3_000_000))
        refused(archive, "more than 2 entries", Limits(entries=2))
        refused(archive, "not enough free space", Limits(spare_bytes=2**62))


def test_what_a_tar_passes_over_is_paid_for(tmp_path: Path) -> None:
    """A huge file of no use is not written, but would be decompressed for hours."""
    path = tmp_path / "a.tar.gz"
    member = tarfile.TarInfo("movie.mp4")
    member.size = 300_000_000
    with gzip.open(path, "wb", 1) as file:
        file.write(member.tobuf())
        for _ in range(300):
            file.write(bytes(1_000_000))
    refused(path, "times its own size", Limits(free_bytes=50_000_000))


def test_a_header_of_a_tar_that_wants_all_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 8 * 2**30
    with gzip.open(path, "wb", 1) as file:
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(1_000_000))
    refused(path, "headers is too large")


def test_entries_that_overlap(tmp_path: Path) -> None:
    """Two entries of the directory point to the same bytes."""
    path = zipped(tmp_path / "a.zip", [("a.jpg", IMAGE), ("b.jpg", IMAGE)])
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 10)
    path.write_bytes(data)
    refused(path, "its entries overlap")


def test_an_encrypted_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", [("a.jpg", IMAGE)])
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    refused(path, "it is encrypted")


def test_a_directory_that_wants_all_the_memory(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", [("a.jpg", IMAGE)])
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 2**31)
    path.write_bytes(data)
    refused(path, "directory of entries is too large")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"])
def test_damage(tmp_path: Path, name: str) -> None:
    make = zipped if name.endswith(".zip") else tarred
    noise = os.urandom(30_000)
    path = make(tmp_path / name, [("a.jpg", IMAGE), ("b.jpg", noise), ("c.jpg", noise)])
    data = path.read_bytes()
    for share in (0.3, 0.7):
        path.write_bytes(data[: int(len(data) * share)])
        refused(path, "is damaged|cut short")
    if name != "a.tar":  # which has no checksums of its contents
        broken = bytearray(data)
        broken[len(data) // 2] ^= 0xFF
        path.write_bytes(broken)
        refused(path, "is damaged")


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"hello")
    assert not is_archive(path)
    refused(path, "is not a zip or tar archive")
    assert not is_archive(tmp_path)
    refused(zipped(tmp_path / "empty.zip", []), "no images in")
    refused(tarred(tmp_path / "empty.tar.gz", []), "no images in")


def test_an_archive_that_cannot_be_read_is_not_called_another_kind(tmp_path: Path) -> None:
    refused(tmp_path / "gone.zip", "cannot be read: No such file")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.zip")
        refused(tmp_path / "pipe.zip", "is not a regular file")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_cancel_leaves_nothing(tmp_path: Path, make: Callable[[Path, Entries], Path]) -> None:
    archive = make(tmp_path / "a.bin", [(f"{n}.jpg", IMAGE) for n in range(50)])
    place = tmp_path / "place"
    place.mkdir()
    calls = 0

    def step(stage: str, done: int, total: int | None) -> None:
        nonlocal calls
        calls += 1
        if calls == 20:
            assert any(place.rglob("*.jpg"))
            raise JobCancelled

    with pytest.raises(JobCancelled):
        unpack(archive, place / "out", step)
    assert list(place.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9/\xff.jpg")
    unpack(tarred(tmp_path / "a.tar", [(name, IMAGE)]), tmp_path / "out")
    assert open_dataset(tmp_path / "out").images == (name,)


def zip_with_raw_names(path: Path, entries: list[tuple[bytes, bytes]], flag: int = 0) -> Path:
    """An archive as other systems pack it: with names in bytes, and no word of their encoding."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(entries):
            archive.writestr("x" * len(name) + f"{number:04d}", data)
    data = path.read_bytes()
    for number, (name, _) in enumerate(entries):
        data = data.replace(b"x" * len(name) + f"{number:04d}".encode(), name + b".jpg")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("gbk", ["照片/猫", "照片/狗", "照片/图1"]),
        ("utf-8", ["照片/猫", "fotos/große Übung"]),
        ("cp437", ["fotos/große Übung", "señor"]),
    ],
)
def test_names_of_a_zip_in_the_encoding_of_its_system(
    tmp_path: Path, codec: str, names: list[str]
) -> None:
    entries = [(name.encode(codec), IMAGE) for name in names]
    unpack(zip_with_raw_names(tmp_path / "a.zip", entries), tmp_path / "out")
    found = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.jpg")
    )
    assert found == sorted(f"{name}.jpg" for name in names)


def test_a_second_name_in_utf8_counts_more(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("caf?.jpg")
    name = "café 猫.jpg".encode()
    checked = zlib.crc32(b"caf?.jpg")
    member.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, checked) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, IMAGE)
    unpack(tmp_path / "a.zip", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["café 猫.jpg"]


@pytest.mark.parametrize("second", ["../b.jpg", "/b.jpg", "a\0.jpg"])
def test_a_second_name_is_trusted_as_little(tmp_path: Path, second: str) -> None:
    member = zipfile.ZipInfo("a.jpg")
    name = second.encode()
    member.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(b"a.jpg")) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, IMAGE)
    refused(tmp_path / "a.zip", "is refused")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_chinese_names_of_a_tar(tmp_path: Path) -> None:
    name = os.fsdecode("照片/小猫.jpg".encode("gbk"))
    unpack(tarred(tmp_path / "a.tar", [(name, IMAGE)]), tmp_path / "out")
    assert open_dataset(tmp_path / "out").images == ("照片/小猫.jpg",)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_images_of_other_formats_in_an_archive_are_counted(
    tmp_path: Path, pack: Callable[[Path, Entries], Path]
) -> None:
    entries = [("a.jpg", IMAGE), ("b.heic", b"x"), ("c.HEIC", b"x"), ("notes.md", b"x")]
    made = unpack(pack(tmp_path / "a", entries), tmp_path / "out")
    assert made.left_out == (remark("files_left_out", kind="HEIC", count=2),)
    with pytest.raises(InputError, match="There are no images in") as refused:
        unpack(pack(tmp_path / "b", entries[1:]), tmp_path / "none")
    said = "2 HEIC files are left out. Convert them to JPEG or PNG."
    assert refused.value.next_step == said


def test_an_archive_in_an_archive_is_told_of(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", [("images.zip", b"PK"), ("read.me", b"x")])
    with pytest.raises(InputError, match="There are no images in") as refused:
        unpack(archive, tmp_path / "out")
    assert "1 archive file is left out. Unpack the whole" in refused.value.next_step
