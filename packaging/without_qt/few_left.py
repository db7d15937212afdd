"""A pytest plugin: tells when a run has few files left to begin, so that another one can begin."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest


class FewLeft:
    def __init__(self, config: pytest.Config, tells: Path) -> None:
        self._processes: int = config.getoption("numprocesses", None) or 1
        self._tells = tells
        self._files: set[str] = set()
        self._told = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._files = {name.partition("::")[0] for name in ids}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._files.discard(nodeid.partition("::")[0])
        if not self._told and len(self._files) <= self._processes:
            self._told = True
            self._tells.touch()


def pytest_configure(config: pytest.Config) -> None:
    place = os.environ.get("SUITE_FEW_LEFT")
    if place and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FewLeft(config, Path(place)))
