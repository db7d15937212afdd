import os
import struct
import sys
import zlib
from pathlib import Path

import pytest

from core.errors import InputError
from core.images.decode import read_image
from core.images.opencv import cv2
from tests.support.checkout import run_python
from tests.support.images import encoded, picture, write_image


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF header that asks for it to be turned."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("name", ["a.png", "two words.bmp", "ünï 猫.tiff", "UPPER.PNG", "a.webp"])
def test_pictures_are_read_as_bgr(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    image = picture(31, 17)
    path.write_bytes(encoded(image, path.suffix.lower()))
    read = read_image(path)
    assert read.shape == (17, 31, 3)
    if path.suffix != ".webp":
        assert (read == image).all()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    assert read_image(write_image(path)).shape == (80, 96, 3)


def test_grey_and_transparent_pictures_have_three_channels(tmp_path: Path) -> None:
    grey = cv2.cvtColor(picture(8, 6), cv2.COLOR_BGR2GRAY)
    clear = cv2.cvtColor(picture(8, 6), cv2.COLOR_BGR2BGRA)
    for number, image in enumerate((grey, clear)):
        path = tmp_path / f"{number}.png"
        path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
        assert read_image(path).shape == (6, 8, 3)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)),
                                                     (8, (-1, 0))])  # fmt: skip
def test_pictures_are_turned_as_exif_says(
    tmp_path: Path, orientation: int, corner: tuple[int, int]
) -> None:
    image = picture(64, 32) * 0
    image[:8, :8] = 255  # white, in the top left corner of what is stored
    path = tmp_path / "turned.jpg"
    path.write_bytes(with_orientation(encoded(image), orientation))
    read = read_image(path)
    assert read.shape[:2] == ((32, 64) if orientation in (1, 3) else (64, 32))
    assert read[corner].min() > 200


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_jpeg_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = write_image(tmp_path / "cut.jpg", 200, 200)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"cut\.jpg is cut short"):
        read_image(path)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.png"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"odd\.png"):
        read_image(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a regular file"):
        read_image(tmp_path)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_image(tmp_path / "gone.jpg")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InputError, match="is not a regular file"):
        read_image(tmp_path / "pipe.jpg")
    (tmp_path / "endless.jpg").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="is not a regular file"):
        read_image(tmp_path / "endless.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with pytest.raises(InputError, match="cannot be read"):
        read_image(tmp_path / "loop.jpg")


@pytest.mark.skipif(sys.platform == "win32", reason="memory is limited with rlimit")
def test_a_picture_of_900_megapixels_is_refused_without_taking_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(30_000, 30_000))
    program = """
import resource, sys
from pathlib import Path
from core.errors import InputError
from core.images.decode import read_image
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_image(Path(sys.argv[1]))
except InputError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    sentence, growth_kib = run_python(program, path).splitlines()
    assert "has more than 200 megapixels" in sentence
    assert int(growth_kib) < 100_000


@pytest.mark.parametrize("before", [None, "/qt/of/the/window"])
def test_importing_opencv_leaves_qts_variables_alone(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        monkeypatch.delenv(name, raising=False)
    if before:
        monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", before)
    program = (
        "import os, core.images.opencv; print(os.environ.get('QT_QPA_PLATFORM_PLUGIN_PATH'),"
        " os.environ.get('QT_QPA_FONTDIR'))"
    )
    assert run_python(program) == f"{before} None\n"
