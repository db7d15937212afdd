"""What pyproject.toml, the locks and the folder names have to keep to."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from launcher.checkout import PYPROJECT, ROOT
from launcher.locks import LOCKS, SUITE, SYSTEMS, System, pinned


@pytest.fixture
def dependencies() -> list[Requirement]:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [Requirement(text) for text in [*project["dependencies"], *optional["test"]]]


def test_the_folder_packaging_does_not_hide_the_distribution_packaging() -> None:
    """pip, pytest and nncf import PyPI's `packaging`, often with the checkout on sys.path."""
    found = importlib.util.find_spec("packaging")

    assert found is not None and found.origin is not None
    assert not Path(found.origin).is_relative_to(ROOT / "packaging")
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda one: one.name)
def test_every_dependency_has_one_exact_version_with_hashes(
    dependencies: list[Requirement], system: System
) -> None:
    texts = [
        (LOCKS / f"{system.name}{part}.txt").read_text(encoding="utf-8") for part in ("", SUITE)
    ]
    versions = pinned(texts[0]) | pinned(texts[1])

    for requirement in dependencies:
        where = {"python_version": "3.11", "sys_platform": system.sys_platform}
        if requirement.marker is None or requirement.marker.evaluate(where):
            assert requirement.specifier.contains(versions[_normal(requirement.name)]), requirement
    assert "setuptools" in pinned(texts[0]), "the checkout is installed with it"
    entries = [entry for text in texts for entry in re.split(r"\n(?=\w)", text)[1:]]
    assert len(entries) == len(versions), "nothing is in both"
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize(
    ("wheel", "systems", "pythons"),
    [
        ("appdirs-1.4.4-py2.py3-none-any.whl", "linux windows macos", {11, 12, 13, 14}),
        ("numpy-2.4.6-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", "linux", {12}),
        ("numpy-2.4.6-cp312-cp312-musllinux_1_2_x86_64.whl", "", set()),
        ("numpy-2.4.6-cp314-cp314t-win_amd64.whl", "windows", set()),
        ("numpy-2.4.6-cp311-cp311-win32.whl", "", set()),
        ("x-1-cp310-abi3-macosx_13_0_universal2.whl", "macos", {11, 12, 13, 14}),
        ("x-1-cp313-abi3-macosx_11_0_arm64.whl", "macos", {13, 14}),
        ("x-1-cp313-cp313-macosx_11_0_x86_64.whl", "", set()),
        ("x-1-py3-none-manylinux_2_34_aarch64.whl", "", set()),
    ],
)  # fmt: skip
def test_a_lock_takes_the_wheels_that_run_there(
    wheel: str, systems: str, pythons: set[int]
) -> None:
    for system in SYSTEMS:
        there = system.name.partition("-")[0] in systems.split()
        found = {minor for minor in range(10, 16) if system.fits(wheel, minor)} & {11, 12, 13, 14}
        assert found == (pythons if there else set()), system.name


@pytest.mark.parametrize(
    ("python", "version", "allowed"),
    [("3.11", "6.11.3", True), ("3.11", "6.12.0", False), ("3.12", "6.12.0", True)],
)
def test_the_pyside_that_aborts_on_python_311_is_kept_away(
    dependencies: list[Requirement], python: str, version: str, allowed: bool
) -> None:
    (pyside,) = [
        requirement
        for requirement in dependencies
        if requirement.name == "PySide6-Essentials"
        and requirement.marker is not None
        and requirement.marker.evaluate({"python_version": python})
    ]

    assert pyside.specifier.contains(version) is allowed


def test_the_requirements_come_from_no_particular_place() -> None:
    for file in (PYPROJECT, *LOCKS.glob("*.txt")):
        assert not re.search(r"https?://|file:|--(extra-)?index", file.read_text(encoding="utf-8"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
