"""Files that are cut short, lie, or are bombs: refused, and cheaply."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.images.decode import check_image, decode_image, read_image, read_size
from core.images.formats import jpeg
from core.images.opencv import cv2
from tests.support.checkout import run_python
from tests.support.image_files import jpeg_turned, png, tiff
from tests.support.images import encoded, sample_image

KINDS = {
    "jpeg": (".jpg", []),
    "progressive jpeg": (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
    "png": (".png", []),
    "bmp": (".bmp", []),
    "webp": (".webp", []),
    "lossless webp": (".webp", [cv2.IMWRITE_WEBP_QUALITY, 101]),
    "tiff": (".tiff", []),
    "flat tiff": (".tiff", [cv2.IMWRITE_TIFF_COMPRESSION, 1]),
}


def whole(kind: str) -> bytes:
    suffix, options = KINDS[kind]
    image = sample_image(200, 160) // 2 + np.random.default_rng(1).integers(
        0, 99, (160, 200, 3), "u1"
    )
    made, data = cv2.imencode(suffix, image, options)
    assert made
    return bytes(data.tobytes())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("kind", KINDS)
def test_a_image_that_is_cut_short_is_refused_before_it_is_decoded(kind: str, share: float) -> None:
    data = whole(kind)
    assert decode_image(data, "whole").shape == (160, 200, 3)
    with pytest.raises(InputError, match=r"^cut\.bin is (cut short|not an image|damaged)"):
        check_image(data[: int(len(data) * share)], "cut.bin")


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_that_broke_off_and_left_zeros_is_refused(kind: str) -> None:
    data = whole(kind)
    half = data[: len(data) // 2].ljust(len(data), b"\0")
    if kind in ("bmp", "flat tiff", "webp", "lossless webp"):
        return  # of these, zeros are pixels like others: nothing in the file tells
    with pytest.raises(InputError, match="half"):
        decode_image(half, "half")


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg"])
def test_the_end_is_found_wherever_it_lies_in_the_pieces_that_are_searched(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = whole(kind)
    for piece in (1, 2, 7, 8, 4096):
        monkeypatch.setattr(jpeg, "_PIECE", piece)
        assert check_image(data, "whole").size == (200, 160)
        with pytest.raises(InputError, match="cut short"):
            check_image(data[:-1], "cut")


def test_what_follows_the_end_does_no_harm() -> None:
    for kind in KINDS:
        assert decode_image(whole(kind) + b"more" * 9, kind).shape == (160, 200, 3)


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_image() -> None:
    data = jpeg_turned(whole("jpeg"), b"II*\0" + encoded(sample_image(16, 16)))
    assert decode_image(data, "x").shape == (160, 200, 3)
    with pytest.raises(InputError, match="end-of-image marker is missing"):
        decode_image(data[: len(data) // 2], "x")


def test_a_header_that_says_more_than_the_data_is_refused() -> None:
    with pytest.raises(InputError, match="x is damaged"):
        decode_image(png(100, 100, b"\0" * 301), "x")
    data = tiff(np.zeros((100, 10), np.uint8), 1, strips=10)
    assert decode_image(data, "x").shape == (100, 10, 3)
    with pytest.raises(InputError, match="strips of pixels are missing"):
        decode_image(tiff(np.zeros((50, 10), np.uint8), 1, more={257: [100], 278: [10]}), "x")


def claiming(width: int, height: int) -> dict[str, bytes]:
    """A file of each format that says it is so large."""
    jpeg = bytearray(encoded(sample_image(16, 16)))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    bmp = bytearray(encoded(sample_image(16, 16), ".bmp"))
    bmp[18:26] = struct.pack("<ii", width, height)
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    extended += (
        struct.pack("<I", (width - 1) & 0xFFFFFF)[:3]
        + struct.pack("<I", (height - 1) & 0xFFFFFF)[:3]
    )
    webp = b"WEBP" + extended + encoded(sample_image(16, 16), ".webp")[12:]
    page = tiff(np.zeros((4, 4), np.uint8), 1, more={256: [width], 257: [height], 278: [height]})
    return {
        "jpeg": bytes(jpeg),
        "png": png(width, height, b"\0" * 1000),
        "bmp": bytes(bmp),
        "webp": b"RIFF" + struct.pack("<I", len(webp)) + webp,
        "tiff": page,
        "tiff of pages": page + tiff(np.zeros((4, 4), np.uint8), 1),
    }


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured with rusage")
def test_images_of_900_megapixels_are_refused_without_taking_memory(tmp_path: Path) -> None:
    for name, data in claiming(30_000, 30_000).items():
        (tmp_path / name).write_bytes(data)
    program = """
import resource, sys
from pathlib import Path
from core.errors import InputError
from core.images.decode import read_image
import core.images.opencv
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_image(path)
    except InputError as error:
        print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    *sentences, growth_kib = run_python(program, tmp_path).splitlines()
    assert len(sentences) == 6
    assert all("has more than 200 megapixels" in sentence for sentence in sentences)
    assert int(growth_kib) < 20_000


def test_a_image_without_pixels_is_refused() -> None:
    for name, data in claiming(1, 0).items():
        if name != "webp":  # which cannot say so
            with pytest.raises(InputError, match="no pixels"):
                decode_image(data, name)


def test_tiles_and_tags_that_would_fill_the_memory_are_refused() -> None:
    pixels = np.zeros((4, 4), np.uint8)
    with pytest.raises(InputError, match="its tiles are too large"):
        decode_image(tiff(pixels, 1, more={322: [2**31], 323: [2**31]}), "x")
    data = bytearray(tiff(pixels, 1))
    entry = data.index(struct.pack("<HHI", 256, 4, 1))
    data[entry + 4 : entry + 8] = b"\xff\xff\xff\x7f"
    with pytest.raises(InputError, match="one of its tags is too large"):
        decode_image(bytes(data), "x")


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutant_gets_through_as_anything_but_a_image_or_a_sentence(
    kind: str, tmp_path: Path
) -> None:
    data, random = whole(kind), np.random.default_rng(7)
    path = tmp_path / "mutant"
    for _ in range(40):
        mutant = bytearray(data)
        for place in random.integers(0, min(len(data), 400), 3):
            mutant[place] = random.integers(0, 256)
        path.write_bytes(mutant)
        try:
            header = read_size(path)
            image = read_image(path)
        except InputError as error:
            assert str(path) in error.what
        else:
            assert image.shape == (header.size[1], header.size[0], 3)
