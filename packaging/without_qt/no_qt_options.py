"""A pytest plugin: knows pytest-qt's settings in pyproject.toml where that plugin is left out."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("qt_api", "of pytest-qt, which this run does without")
