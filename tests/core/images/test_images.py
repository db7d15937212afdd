import os
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.images.decode import read_image, read_reduced
from core.images.opencv import cv2
from core.images.opening import is_there
from tests.support.checkout import run_python
from tests.support.image_files import png
from tests.support.images import encoded, sample_image, write_image


@pytest.mark.parametrize("name", ["a.png", "two words.bmp", "ünï 猫.tiff", "UPPER.PNG", "a.webp"])
def test_images_are_read_as_bgr(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    image = sample_image(31, 17)
    path.write_bytes(encoded(image, path.suffix.lower()))
    read = read_image(path)
    assert read.shape == (17, 31, 3)
    if path.suffix != ".webp":
        assert (read == image).all()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    assert read_image(write_image(path)).shape == (80, 96, 3)


@pytest.mark.parametrize("data", [b"", b"not an image", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
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
def test_a_image_of_900_megapixels_is_refused_without_taking_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000, b"\0" * 1000))
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


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
@pytest.mark.parametrize("longest", [50, 100, 399])
def test_a_reduced_image_looks_like_the_whole_one(tmp_path: Path, name: str, longest: int) -> None:
    ramp = np.linspace(0, 255, 401).astype(np.uint8)
    pixels = np.stack([np.tile(ramp, (201, 1))] * 3, axis=2)
    pixels[:100, :, 0] = 0
    path = tmp_path / name
    path.write_bytes(encoded(pixels, path.suffix))
    reduced = read_reduced(path, longest)
    height, width = reduced.shape[:2]
    assert (width, height) == (longest, pytest.approx(longest / 2, abs=1))
    wanted = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.astype(int) - wanted).mean() < 3


def test_a_small_image_is_not_enlarged(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(np.zeros((20, 30, 3), np.uint8), ".png"))
    assert read_reduced(path, 100).shape == (20, 30, 3)


def test_a_folder_that_only_somebody_else_may_look_into_has_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host's user may not look into a home of the same name: images are sent there."""

    def refuses(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuses)
    assert not is_there(tmp_path / "image.png")
