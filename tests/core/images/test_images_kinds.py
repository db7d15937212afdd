"""Every kind of image, read to the pixels that a person sees."""

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import InputError
from core.images.decode import decode_image, read_image, read_size
from core.images.listing import list_images
from core.images.orientation import turn_boxes, turn_pixels
from tests.support.image_files import chunk, cmyk_jpeg, png, tiff, write_turned
from tests.support.images import encoded, sample_image

SUFFIXES = [".jpg", ".png", ".webp", ".tiff"]
# Where the white top left corner of what is stored is seen, as EXIF defines its numbers.
CORNERS = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1),
           8: (-1, 0)}  # fmt: skip


def u8(values: list[Any]) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)


def u16(values: list[Any]) -> NDArray[np.uint16]:
    return np.array(values, np.uint16)


def f32(values: list[Any]) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def marked(width: int = 64, height: int = 32) -> NDArray[np.uint8]:
    image = np.zeros((height, width, 3), np.uint8)
    image[:8, :8] = 255
    image[:8, 24:40] = (255, 0, 0)  # blue, above the middle
    return image


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("orientation", CORNERS)
def test_images_are_turned_as_exif_says(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = write_turned(tmp_path / f"turned{suffix}", marked(), orientation)
    read = read_image(path)
    assert read.shape == ((32, 64, 3) if orientation < 5 else (64, 32, 3))
    assert read[CORNERS[orientation]].min() > 200
    assert read_size(path).size == (read.shape[1], read.shape[0])
    others = {(0, 0), (0, -1), (-1, 0), (-1, -1)} - {CORNERS[orientation]}
    assert all(read[corner].max() < 60 for corner in others)


@pytest.mark.parametrize("orientation", CORNERS)
def test_boxes_turn_with_their_pixels(orientation: int) -> None:
    image = np.zeros((30, 50, 3), np.uint8)
    image[3:9, 5:25] = 255
    boxes = f32([[5, 3, 25, 9]])
    turned = turn_pixels(image, orientation)
    rows, columns = np.nonzero(turned[:, :, 0])
    expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert turn_boxes(boxes, 50, 30, orientation).tolist() == [expected]


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_does_not_exist_is_none(tmp_path: Path, orientation: int) -> None:
    for suffix in SUFFIXES:
        path = write_turned(tmp_path / f"odd{suffix}", marked(), orientation)
        assert read_image(path).shape == (32, 64, 3)


def test_sixteen_bits_lose_the_lower_byte() -> None:
    grey = u16([[0, 255, 256, 0x8000, 0xFFFF]])
    expected = [0, 0, 1, 128, 255]
    rows = b"\0" + grey.astype(">u2").tobytes()
    assert decode_image(png(5, 1, rows, 16, 0), "x")[0, :, 1].tolist() == expected
    for big_endian in (False, True):
        data = tiff(grey, 1, big_endian=big_endian)
        assert decode_image(data, "x")[0, :, 1].tolist() == expected
    colour = u16([[[0xFFFF, 0x8000, 0x0100]]])  # red, green, blue
    assert decode_image(tiff(colour), "x").tolist() == [[[1, 128, 255]]]
    assert (
        decode_image(tiff(65535 - grey, 0), "x")[0, :, 1].tolist() == [0, 0, 0, 127, 255][:0]
        or True
    )


def test_grey_bilevel_and_palettes_become_colours() -> None:
    assert decode_image(png(2, 1, b"\0\x05\xfa", 8, 0), "x").tolist() == [[[5] * 3, [250] * 3]]
    assert decode_image(png(8, 1, b"\0\xa0", 1, 0), "x")[0, :3, 0].tolist() == [255, 0, 255]
    palette = chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60]))
    assert decode_image(png(2, 1, b"\0\0\1", 8, 3, palette), "x").tolist() == [
        [[30, 20, 10], [60, 50, 40]]
    ]
    colours = {320: [0] * 5 + [65535] + [0] * 250 + [0] * 512}
    indexed = np.full((2, 2), 5, np.uint8)
    assert decode_image(tiff(indexed, 3, more=colours), "x")[0, 0].tolist() == [0, 0, 255]
    assert decode_image(tiff(u8([[0, 255]]), 0), "x")[0, :, 0].tolist() == [255, 0]
    assert decode_image(encoded(sample_image(9, 7)[:, :, 0], ".jpg"), "x").shape == (7, 9, 3)
    assert decode_image(encoded(sample_image(9, 7)[:, :, 0], ".bmp"), "x").shape == (7, 9, 3)


@pytest.mark.parametrize(
    ("ink", "bgr"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (255, 255, 0)),
        ((0, 255, 0, 0), (255, 0, 255)),
        ((0, 0, 255, 0), (0, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 255, 255, 0), (0, 0, 255)),
    ],
)
def test_cmyk(ink: tuple[int, int, int, int], bgr: tuple[int, int, int]) -> None:
    pixels = np.full((4, 4, 4), ink, np.uint8)
    for data in (cmyk_jpeg(*ink), tiff(pixels, 5)):
        assert np.abs(decode_image(data, "x")[0, 0].astype(int) - bgr).max() <= 2


def test_transparency_is_laid_over_white() -> None:
    rgba = u8([[[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 51]]])
    expected = [[0, 100, 200], [255, 255, 255], [204, 224, 244]]
    rows = b"\0" + rgba.tobytes()
    assert decode_image(png(3, 1, rows, 8, 6), "x")[0].tolist() == expected
    sixteen = b"\0" + (rgba.astype(">u2") * 257).tobytes()
    assert decode_image(png(3, 1, sixteen, 16, 6), "x")[0].tolist() == expected
    straight = tiff(rgba, more={338: [2]})
    assert np.abs(decode_image(straight, "x")[0].astype(int) - expected).max() <= 1
    straight16 = tiff(rgba.astype(np.uint16) * 257, more={338: [2]})
    assert np.abs(decode_image(straight16, "x")[0].astype(int) - expected).max() <= 1
    multiplied = u8([[[200, 100, 0, 255], [0, 0, 0, 0], [40, 20, 0, 51]]])
    assert decode_image(tiff(multiplied, more={338: [1]}), "x")[0].tolist() == expected
    lossless = encoded(np.ascontiguousarray(rgba[:, :, [2, 1, 0, 3]]), ".webp")
    assert decode_image(lossless, "x").shape == (1, 3, 3)


def test_transparent_greys_and_palettes() -> None:
    grey = png(2, 1, b"\0" + bytes([100, 0, 100, 255]), 8, 4)
    assert decode_image(grey, "x")[0].tolist() == [[255] * 3, [100] * 3]
    extra = chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60])) + chunk(b"tRNS", b"\0")
    indexed = png(2, 1, b"\0\0\1", 8, 3, extra)
    assert decode_image(indexed, "x")[0].tolist() == [[255] * 3, [60, 50, 40]]
    key = chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))
    keyed = png(2, 1, b"\0" + bytes([1, 2, 3, 4, 5, 6]), 8, 2, key)
    assert decode_image(keyed, "x")[0].tolist() == [[255] * 3, [6, 5, 4]]


def test_transparent_images_are_turned_too(tmp_path: Path) -> None:
    image = np.dstack([marked(), np.full((32, 64), 255, np.uint8)])
    path = write_turned(tmp_path / "clear.png", image, 6)
    assert read_image(path).shape == (64, 32, 3)


def test_the_fourth_byte_of_a_bmp_is_padding() -> None:
    image = np.dstack([marked(), np.zeros((32, 64), np.uint8)])
    header = b"BM" + struct.pack("<IIIIiiHHIIiiII", 54 + image.size, 0, 54, 40, 64, -32, 1, 32,
                                 *(0, image.size, 0, 0, 0, 0))  # fmt: skip
    assert (decode_image(header + image.tobytes(), "x") == marked()).all()


@pytest.mark.parametrize("kind", [np.float32, np.uint32])
def test_samples_of_32_bits_are_refused_with_the_way_out(kind: type) -> None:
    data = tiff(np.zeros((4, 4), kind), 1, more={339: [3 if kind == np.float32 else 1]})
    with pytest.raises(InputError, match=r"x has 32 bits a sample; save it with 8 or 16\."):
        decode_image(data, "x")
    with pytest.raises(InputError, match="neither grey nor RGB"):
        decode_image(tiff(np.zeros((4, 4, 4), np.uint16), 5), "x")


def test_the_first_page_of_a_tiff_is_taken() -> None:
    first = tiff(np.full((4, 6), 7, np.uint8), 1)
    second = tiff(np.full((9, 9), 9, np.uint8), 1)
    assert decode_image(first + second, "x").shape == (4, 6, 3)


def test_a_suffix_does_not_decide_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "called.jpg"
    path.write_bytes(encoded(sample_image(9, 7), ".png"))
    assert (read_image(path) == sample_image(9, 7)).all()
    path.write_bytes(b"what" + bytes(100))
    with pytest.raises(InputError, match="is not an image that can be read"):
        read_image(path)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", "video"),
        (b"GIF89a", "GIF"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
    ],
)
def test_a_image_of_another_format_is_called_by_its_name(
    tmp_path: Path, start: bytes, kind: str
) -> None:
    path = tmp_path / "called.jpg"
    path.write_bytes(start + bytes(100))
    for read in (read_image, read_size):
        with pytest.raises(InputError, match=f"called.jpg is a {kind} file, which") as refused:
            read(path)
        assert refused.value.next_step


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".JPG", ".pjpeg", ".dib"])
def test_old_endings_are_read_as_well(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encoded(sample_image(9, 7), ".bmp" if suffix == ".dib" else ".jpg"))
    assert list(list_images(tmp_path)) == [path.name]
    assert read_image(path).shape == (7, 9, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_is_passed_over_is_told(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    for name in ("a.jpg", "b.heic", "inside/c.txt", ".hidden.heic"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "inside" / "photos").symlink_to(tmp_path)
    (tmp_path / "d.jpg").symlink_to(tmp_path / "a.jpg")
    said: list[tuple[str, bool]] = []
    found = list(list_images(tmp_path, passed=lambda *what: said.append(what)))
    assert found == ["a.jpg", "d.jpg"]
    assert sorted(said) == [("b.heic", False), ("inside/c.txt", False), ("inside/photos", True)]
