"""Running a package's self-test by the program, here and on a host."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from core.deployment.self_testing import SelfTestJob, SentSelfTestJob, unpacked
from core.errors import InputError, WorkbenchError
from core.machines import sending
from tests.support.hosts import LocalHost, Sender
from tests.support.images import write_images
from tests.support.packages import packaged, stored_yolox


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    images = write_images(folder / "images", 4)
    return packaged(stored_yolox(folder), images, folder / "made")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_it_passes_where_it_was_made(package: Path, tmp_path: Path) -> None:
    before = names(package)
    sender = Sender(tmp_path / "job")
    result = SelfTestJob(package=package).run(sender.context)
    assert (result.outcome, result.machine.name) == ("passed", "")
    assert "The self-test passed." in result.lines
    assert sender.logged == [], "what the result has is not said as well"
    assert names(package) == before


def test_it_is_run_on_a_host(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = LocalHost(tmp_path / "there")
    monkeypatch.setattr(sending, "way_to", lambda machine, step: host.argv)
    zipped = Path(
        shutil.make_archive(str(tmp_path / "zipped"), "zip", package.parent, package.name)
    )
    for number, one in enumerate((package, zipped)):
        job = SentSelfTestJob(machine=host.machine, job=SelfTestJob(package=one))
        result = job.run(Sender(tmp_path / f"job {number}").context)
        assert (result.outcome, result.machine.name) == ("passed", "board")


def test_what_does_not_come_to_its_end_has_not_failed(package: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(package, broken)
    (broken / "running.py").write_text("raise ValueError('nothing runs')\n")
    with pytest.raises(WorkbenchError, match="did not come to its end: ValueError: nothing runs"):
        SelfTestJob(package=broken).run(Sender(tmp_path / "job").context)


def test_a_device_that_is_not_there_is_no_failure(package: Path, tmp_path: Path) -> None:
    job = SelfTestJob(package=package, device="NPU")
    assert job.run(Sender(tmp_path / "job").context).outcome == "no_device"


@pytest.mark.parametrize("name", ["../out.py", "/tmp/out.py", "a/../../out.py", "nul", ".hidden"])
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "print(1)")
    with pytest.raises(InputError, match="has a file called"):
        unpacked(file, tmp_path / "into")
    assert names(tmp_path) == {"package.zip"}


def test_other_files_are_no_packages(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"package\.zip is no deployment package"):
        SelfTestJob(package=tmp_path / "package.zip").run(Sender(tmp_path / "job").context)
    with pytest.raises(InputError, match=r"it has no self_test\.py"):
        SelfTestJob(package=tmp_path).run(Sender(tmp_path / "job").context)


def test_a_zip_that_was_changed_on_its_way_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("self_test.py", "print('passed')\n" * 100)
    whole = bytearray(file.read_bytes())
    place = whole.index(b"self_test.py") + len("self_test.py")
    whole[place : place + 4] = b"\xff" * 4
    file.write_bytes(whole)
    with pytest.raises(InputError, match=r"package\.zip is no deployment package"):
        SelfTestJob(package=file).run(Sender(tmp_path / "job").context)
