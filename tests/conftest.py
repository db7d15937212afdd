"""What every test gets: caches and workspaces of its own, never the user's."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator

import pytest

from core.processes import multiply_in_one_thread
from tests.support import order

multiply_in_one_thread()  # the tests run on all cores already


def pytest_configure(config: pytest.Config) -> None:
    if worker := getattr(config, "workerinput", None):
        number = int(worker["workerid"].removeprefix("gw"))
        config.args = order.begin_elsewhere(config.args, number, worker["workercount"])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is collected is garbage; looking for it took a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order.sort(items)


@pytest.fixture(autouse=True, scope="session")
def no_user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Jobs of the tests neither wait for the user's jobs nor touch the user's workspace."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.fixture(autouse=True, scope="session")
def copied(no_user_folders: None) -> Iterator[None]:
    """Processes of jobs are copies of one that has imported the program: half of their time."""
    from tests.support import ready

    with ready.copied():
        yield


@pytest.fixture
def started() -> Iterator[None]:
    """Processes of jobs are started, as those of users are: where a test is about them."""
    from tests.support import ready

    with ready.started():
        yield
