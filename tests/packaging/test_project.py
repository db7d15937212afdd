"""What pyproject.toml, the constraints and the folder names have to keep to."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from launcher.checkout import CONSTRAINTS, PYPROJECT, ROOT


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


def test_every_dependency_has_one_exact_version(dependencies: list[Requirement]) -> None:
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pinned = {
        _normal(requirement.name): requirement
        for requirement in (Requirement(line) for line in lines if not line.startswith("#"))
    }

    for requirement in dependencies:
        if requirement.marker is None or requirement.marker.evaluate():
            (version,) = pinned[_normal(requirement.name)].specifier
            assert version.operator == "=="
            assert requirement.specifier.contains(version.version), requirement


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
    for file in (PYPROJECT, CONSTRAINTS):
        assert not re.search(r"https?://|file:|--(extra-)?index", file.read_text(encoding="utf-8"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
