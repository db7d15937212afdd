"""Third-party notices: made from what is installed, and nothing passes unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

import notices
from launcher.checkout import ROOT
from third_party.closure import NoticesError, closure
from third_party.document import Documents, render
from third_party.inside import Inside
from third_party.reading import Component, Known, Library, Notice, Text, read_notice

Install = Callable[..., metadata.Distribution]
FFMPEG = {"project": "FFmpeg", "license": "LGPL-2.1-or-later", "files": ["*/libavcodec*"]}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site-packages"


@pytest.fixture
def install(site: Path) -> Install:
    """Lay a distribution down as pip does: its metadata, its files, and the record of both."""

    def lay(name: str, *fields: str, files: dict[str, str] | None = None) -> metadata.Distribution:
        info = f"{name}-1.0.dist-info"
        content = {f"{info}/METADATA": "\n".join([f"Name: {name}", "Version: 1.0", *fields]) + "\n"}
        for path, text in (files or {}).items():
            content[path.replace("INFO", info)] = text
        content[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in content)
        for path, text in content.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(text.encode())
        (found,) = metadata.distributions(name=name, path=[str(site)])
        return found

    return lay


@pytest.fixture
def known(tmp_path: Path) -> Known:
    (tmp_path / "LGPL-3.0-only.txt").write_text("GNU LESSER\n", encoding="utf-8")
    return Known({}, {}, [FFMPEG], tmp_path)


def names(requirements: list[str], site: Path) -> list[str]:
    return list(closure(requirements, [str(site)]))


def test_what_a_distribution_needs_is_named_as_well(install: Install, site: Path) -> None:
    install("window", "Requires-Dist: Draw_Lines>=1", "Requires-Dist: docs; extra == 'doc'")
    install("draw.lines")
    install("unneeded")

    assert names(["window>=0.5"], site) == ["draw-lines", "window"]


def test_what_only_one_system_needs_is_not_left_out(install: Install, site: Path) -> None:
    install("window", "Requires-Dist: colours; sys_platform == 'win32'")
    install("colours")

    with pytest.raises(NoticesError, match="Only some systems need colours"):
        names(["window"], site)


def test_what_only_one_python_needs_is_named_for_all(install: Install, site: Path) -> None:
    install("window", "Requires-Dist: older; python_version < '3.12'")
    install("older")

    assert names(["window"], site) == ["older", "window"]


def test_what_is_not_installed_is_not_left_out(site: Path) -> None:
    with pytest.raises(NoticesError, match="window is needed and not installed"):
        names(["window"], site)


def test_texts_are_found_wherever_the_wheel_has_them(install: Install, known: Known) -> None:
    mit = "Permission is hereby granted\n"
    vision = install(
        "vision",
        "License-Expression: MIT",
        "License-File: AUTHORS",
        files={
            "INFO/licenses/LICENSE": mit,
            "INFO/licenses/AUTHORS": "Ada, Grace\n",
            "vision/LICENSE.txt": mit.replace("\n", "  \r\n"),
            "vision/qhull/COPYING_QHULL.txt": "Qhull\n",
            "vision/license.py": "x = 1\n",
        },
    )

    texts = read_notice(vision, known).texts

    assert [text.name for text in texts] == ["AUTHORS", "LICENSE", "vision/qhull/COPYING_QHULL.txt"]
    assert texts[1].content == mit


def test_a_distribution_without_a_text_gets_the_named_one(
    install: Install, known: Known, tmp_path: Path
) -> None:
    qt = install("qt", "License-Expression: LGPL-3.0-only")
    with pytest.raises(NoticesError, match="qt carries no licence text"):
        read_notice(qt, known)

    named = Known({}, {"qt": ["LGPL-3.0-only"]}, [], tmp_path)
    assert [text.content for text in read_notice(qt, named).texts] == ["GNU LESSER\n"]


def test_a_licence_is_stated_once(install: Install, known: Known) -> None:
    files = {"INFO/LICENSE": "MIT\n"}
    silent = install("silent", "License: see the file", files=files)
    clear = install("clear", "License-Expression: MIT", files=files)
    filled = Known({"silent": "ISC", "clear": "ISC"}, {}, [], known.folder)

    with pytest.raises(NoticesError, match="silent: its metadata has no SPDX expression"):
        read_notice(silent, known)
    assert read_notice(silent, filled).license == "ISC"
    with pytest.raises(NoticesError, match="clear: its metadata has 'MIT'; remove"):
        read_notice(clear, filled)


@pytest.mark.parametrize(
    "file",
    [
        "libavcodec-c4204469.so.62.28.101",
        "libavcodec.so.1.1.1k",
        "libavcodec-040039e1-0352e75f.so",
        "libavcodec-63c857e738469261263c764a36be9436.dll",
        "libavcodec.61.19.101.dylib",
    ],
)
def test_native_libraries_are_named_without_the_hashes_of_wheel_builders(
    install: Install, known: Known, file: str
) -> None:
    video = install(
        "video",
        "License-Expression: MIT",
        files={"INFO/LICENSE": "MIT\n", f"video.libs/{file}": "", "video/read.cpython-311.so": ""},
    )

    (library,) = read_notice(video, known).libraries

    assert library.project == "FFmpeg"
    assert library.files[0].startswith("libavcodec.")


def test_a_native_library_that_nobody_knows_stops_it(install: Install, known: Known) -> None:
    video = install(
        "video",
        "License-Expression: MIT",
        files={"INFO/LICENSE": "MIT\n", "video.libs/libx264-1234567890.so.164": ""},
    )

    with pytest.raises(NoticesError, match=r"video carries video\.libs/libx264-.*, and known"):
        read_notice(video, known)


def test_what_a_bill_of_materials_names_is_listed(install: Install, known: Known) -> None:
    bill = {
        "components": [
            {"name": "tensors", "version": "1.0"},
            {"name": "serde", "version": "1.2", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
            {"name": "libgomp", "version": "8.5"},
        ]
    }
    tensors = install(
        "tensors",
        "License-Expression: MIT",
        files={"INFO/LICENSE": "MIT\n", "INFO/sboms/tensors.cdx.json": json.dumps(bill)},
    )

    assert read_notice(tensors, known).components == (
        Component("libgomp", "8.5", ""),
        Component("serde", "1.2", "MIT OR Apache-2.0"),
    )


def test_what_is_linked_into_a_wheel_is_told_by_its_marks(install: Install, known: Known) -> None:
    (known.folder / "Apache-2.0.txt").write_text("Apache\n", encoding="utf-8")
    absl = {"project": "Abseil", "license": "Apache-2.0", "mark": "4absl", "text": "Apache-2.0"}
    marked = Known({}, {}, [FFMPEG], known.folder, [absl])
    files = {
        "INFO/LICENSE": "MIT\n",
        "match/_match.cpython-311-x86_64-linux-gnu.so": "\0_ZN4absl7StrCatE\0",
        "match/_plain.abi3.so": "",
    }
    silent = install("match", "License-Expression: MIT", files=files)
    naming = install(
        "names", "License-Expression: MIT", files={**files, "INFO/NOTICE": "It has abseil.\n"}
    )

    found = read_notice(silent, marked)

    assert found.inside == (Inside("Abseil", "Apache-2.0", "Apache-2.0", ("_match",)),)
    assert [text.name for text in found.texts] == ["LICENSE", "Apache-2.0.txt"]
    assert read_notice(naming, marked).inside == ()


@pytest.fixture
def committed(tmp_path: Path) -> Callable[[Documents], Path]:
    """The two files below a folder of their own, as they lie in the checkout."""

    def write(documents: Documents) -> Path:
        root = tmp_path / "checkout"
        (root / notices.TEXTS).parent.mkdir(parents=True)
        notices.write(documents, root / notices.OVERVIEW, root / notices.TEXTS)
        return root

    return write


def made(
    license: str = "MIT", system: str = "Linux x86_64", library: str = "libav.so"
) -> Documents:
    notice = Notice(
        "PySide6_Essentials",
        "6.11.3",
        license,
        (Text("LICENSE", f"The licence for {system}\n"),),
        (Library("FFmpeg", "LGPL-2.1-or-later", (library,)),),
        (),
    )
    return render([notice], "$distributions\n\n$libraries\n\n$made_on\n", system)


def test_the_committed_files_are_compared_to_the_byte_where_they_are_made(
    committed: Callable[[Documents], Path],
) -> None:
    root = committed(made())

    assert "are what the installed packages make" in notices.check(made(), root, "Linux x86_64")
    with pytest.raises(NoticesError, match=r"libav\.so\.2(.|\n)*write it anew"):
        notices.check(made(library="libav.so.2"), root, "Linux x86_64")


def test_another_system_compares_the_list_and_says_what_it_could_not(
    committed: Callable[[Documents], Path],
) -> None:
    root = committed(made())
    windows = made(system="Windows AMD64", library="av.dll")

    assert "1 of 1 licence texts in another form" in notices.check(windows, root, "Windows AMD64")
    with pytest.raises(NoticesError, match=r"GPL-2\.0-only"):
        notices.check(made("GPL-2.0-only", "Windows AMD64"), root, "Windows AMD64")


def test_the_texts_that_a_bundle_with_qt_carries_are_there() -> None:
    texts = (ROOT / notices.TEXTS).read_text(encoding="utf-8")

    assert "GNU LESSER GENERAL PUBLIC LICENSE\n                       Version 3" in texts
    assert "GNU GENERAL PUBLIC LICENSE\n                       Version 3" in texts
