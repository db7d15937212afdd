"""The terminal: the documented keys, exit statuses and files."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import openvino as ov
import pytest

from core import __version__
from core.cli.parser import parse
from core.cli.table import ENTRIES
from tests.core.conftest import Made
from tests.support import models
from tests.support.checkout import environment
from tests.support.images import write_image, write_images
from tests.support.jobs import job_processes, leftovers
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_inspect(terminal: Terminal, made: Made) -> None:
    found = terminal("inspect", made.model, "--json").json
    assert {
        "name", "source", "framework", "layout", "layout_title", "confidence", "evidence",
        "preprocessing", "labels", "precision", "inputs", "outputs", "operations",
        "weight_precisions", "parameters", "gflops", "size_bytes", "quantized",
    } <= found.keys()  # fmt: skip
    assert (found["name"], found["source"]) == ("ssd", str(made.model))
    assert (found["layout"], found["labels"]) == ("ssd-detection-output", list(models.CLASSES))
    assert found["inputs"] == [{"name": "image", "shape": [1, 3, 64, 64], "element_type": "f32"}]
    assert {
        "width", "height", "resize", "color_order", "mean", "scale", "pad_value", "layout",
        "element_type",
    } <= found["preprocessing"].keys()  # fmt: skip
    told = terminal("inspect", made.model.parent)
    assert told.status == 0
    for words in ("ssd (openvino, FP32)", "image [1,3,64,64] f32", "cat, dog, bird", "64x64"):
        assert words in told.out


def test_inspect_an_int8_model(terminal: Terminal, made: Made) -> None:
    told = terminal("inspect", made.optimized.model)
    assert "quantized already" in told.out
    assert terminal("inspect", made.optimized.model, "--json").json["quantized"] is True


def test_predict_gives_coco_results(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    write_image(images / "a" / "000000000139.jpg", 120, 90)
    write_image(images / "b" / "000000000042.jpg", 64, 64, seed=1)
    output = tmp_path / "deep" / "down" / "detections.json"
    found = terminal("predict", made.model, images, "--output", output, "--json").json
    assert found["output"] == str(output)
    assert (found["images"], found["problems"]) == (2, [])
    assert found["executed"]["settings"]["precision_hint"] == "f32"
    rows = json.loads(output.read_text("utf-8"))
    assert len(rows) == found["detections"] > 0
    assert {row["image_id"] for row in rows} == {139, 42}
    for row in rows:
        assert row["file_name"] in ("a/000000000139.jpg", "b/000000000042.jpg")
        assert models.CLASSES[row["category_id"] - 1] == row["category_name"]
        x, y, width, height = row["bbox"]
        assert x >= 0 and y >= 0 and width > 0 and height > 0
        assert x + width <= 120.001 and y + height <= 90.001
        assert 0.01 <= row["score"] <= 1
    assert terminal("predict", made.model, images, "--output", output).status == 0
    assert leftovers(tmp_path) == []


def test_predict_names_what_it_left_out(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 1)
    (images / "broken.jpg").write_bytes(b"?")
    said = terminal(
        "predict", made.model, images, "--output", tmp_path / "d.json", "--json",
        "--precision-hint", "default",
    )  # fmt: skip
    assert said.json["problems"] == [
        {"code": "image_unknown", "facts": {"image": f"{images}/broken.jpg"}}
    ]
    assert "broken.jpg" in said.err


def test_what_a_folder_holds_and_is_not_used_is_said(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    folder = write_images(tmp_path / "images", 2)
    (folder / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (folder / "IMG_2.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    said = terminal("predict", made.model, folder, "--output", tmp_path / "p.json", "--json")
    assert said.json["images"] == 2
    assert said.json["problems"][0]["facts"]["kind"] == "HEIC"
    assert "IMG_2.jpg is a HEIC file, which is not supported." in said.err
    assert "1 HEIC file is left out. Convert it to JPEG or PNG." in said.err


def test_optimize(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    output = tmp_path / "out"
    found = terminal(
        "optimize", made.model, made.images, "--output", output,
        "--preset", "mixed", "--subset-size", 3, "--seed", 5, "--json",
    ).json  # fmt: skip
    model = Path(found["model"])
    assert model.parent == output
    assert ov.Core().read_model(model).inputs
    assert (found["images_used"], found["preset"], found["subset_size"], found["seed"]) == (
        3, "mixed", 3, 5
    )  # fmt: skip
    assert found["size_ratio"] == pytest.approx(found["parent_size_bytes"] / found["size_bytes"])
    assert found["problems"] == []
    assert sorted(p.name.removeprefix(model.stem) for p in output.iterdir()) == [
        ".bin", ".card.json", ".xml", "recipe-images.txt", "recipe.json", "recipe.py",
    ]  # fmt: skip
    again = terminal("inspect", output, "--json").json
    assert (again["quantized"], again["labels"]) == (True, list(models.CLASSES))
    refused = terminal("optimize", output, made.images, "--output", tmp_path / "twice")
    assert refused.status == 2
    assert "is quantized already" in refused.err


def test_benchmark(terminal: Terminal, made: Made) -> None:
    assert made.optimized.model is not None
    found = terminal(
        "benchmark", made.model, made.optimized.model, "--seconds", "0.1", "--json"
    ).json
    assert {"machine", "rounds", "round_seconds", "started", "sentences", "runs", "ratios"} <= (
        found.keys()
    )
    assert len(found["runs"]) == 8
    assert found["sentences"][0].startswith("The throughput of ssd-int8 by default")
    for run in found["runs"]:
        assert run["precision_hint"] in ("f32", "default")
        assert run["precision_executed"]
        assert run["throughput_fps"] > 0
        assert {"p50", "p90", "p99"} <= run["latency_ms"].keys()
    assert [run["model"] for run in found["runs"]] == ["ssd", "ssd", "ssd-int8", "ssd-int8"] * 2
    for ratio in found["ratios"]:
        for which in ("throughput", "latency"):
            assert ratio[which]["low"] <= ratio[which]["value"] <= ratio[which]["high"]


def test_a_benchmark_of_one_model_as_a_table(terminal: Terminal, made: Made) -> None:
    told = terminal("benchmark", made.model, "--seconds", "0.1")
    assert told.status == 0
    assert [line.split()[:2] for line in told.out.splitlines()[1:3]] == [
        ["ssd", "f32"], ["ssd", "default"]
    ]  # fmt: skip
    assert "OpenVINO" in told.out


def test_a_benchmark_is_stored_and_resumed(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "speed", "--json")
    command = ("benchmark", made.model, "--images", made.images, *output)
    flags = ("--streams", "1", "--precision-hint", "f32", "--iterations", "12")
    found = terminal(*command, *flags).json
    (run,) = found["runs"]
    assert run["mode"] == {"hint": "streams", "streams": 1, "batch": 1, "requests": None}
    assert run["inferences"] >= 12
    assert found["settings"]["input"] == "dataset"
    assert (tmp_path / "speed" / "samples.npz").is_file()
    again = terminal(*command, "--resume").json
    assert again["runs"] == found["runs"], "it was complete"
    other = terminal("benchmark", made.optimized.model, *output, "--resume")
    assert other.status == 2
    assert "is of other models" in other.err
    without = terminal("benchmark", made.model, *output, "--resume")
    assert without.status == 2
    assert "no dataset is named" in without.err


def test_devices(terminal: Terminal) -> None:
    found = terminal("devices", "--json").json
    assert {"CPU", "AUTO"} <= {one["device"] for one in found["devices"]}
    assert found["processor"]["arithmetic"] in ("exact", "saturating", "float")
    told = terminal("devices").out
    assert told.startswith("CPU ")
    assert found["sentence"] in told


def test_the_target_of_a_project(terminal: Terminal, made: Made) -> None:
    where = ("--workspace", made.root)
    assert "This machine" in terminal("target", 1, *where).out
    assert "CPU without VNNI (cpu)" in terminal("target", 1, "cpu", *where).out
    assert terminal("target", 1, *where, "--json").json["target"] == "cpu"
    assert made.workspace.project(1).target == "cpu"
    unknown = terminal("target", 99, *where)
    assert unknown.status == 2
    assert "There is no project 99." in unknown.err


def test_report(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    assert made.optimized.model is not None
    output = tmp_path / "report"
    command = ("report", made.model, made.optimized.model, made.images, "--output", output)
    found = terminal(*command, "--score", "0.2", "--iou", "0.4", "--json").json
    assert (found["thresholds"]["score"], found["thresholds"]["iou"]) == (0.2, 0.4)
    assert (found["parent"], found["optimized"]) == ("ssd", "ssd-int8")
    summary = found["summary"]
    assert summary["images"] == len(found["per_image"]) == 6
    assert summary["matches"] == sum(row["matches"] for row in found["per_image"])
    assert summary["matches"] == sum(row["matches"] for row in found["per_class"])
    assert summary["parent"] == sum(row["parent"] for row in found["classes"])
    assert found["verdict"]["name"] in ("safe", "check", "not_safe")
    assert found["per_class"][0].keys() >= {
        "image", "class", "optimized_detections", "parent_detections", "matches",
        "predicted_class_precision", "predicted_class_average_precision",
    }  # fmt: skip
    assert json.loads((output / "report.json").read_text("utf-8")) == found
    for file in ("parent-detections.json", "optimized-detections.json"):
        assert json.loads((output / file).read_text("utf-8"))
    assert terminal(*command).out.strip().startswith(("Safe", "Check", "Not safe"))


def test_tutorial(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    output = tmp_path / "all"
    command = ("tutorial", made.model, made.images, made.images, "--output", output)
    found = terminal(*command, "--seconds", "0.1", "--json").json
    assert found.keys() == {"model", "optimize", "benchmark", "report", "verdict"}
    assert json.loads((output / "tutorial.json").read_text("utf-8")) == found
    assert found["verdict"].startswith(("Safe", "Check", "Not safe"))
    assert "throughput" in found["verdict"]
    assert [run["model"] for run in found["benchmark"]["runs"]][::2] == ["parent", "optimized"] * 2
    assert (output / "report" / "report.json").is_file()
    assert Path(found["optimize"]["model"]).is_file()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unheard-of"],
        ["inspect"],
        ["predict", "model.xml", "images"],
        ["optimize", "m", "d", "--output", "o", "--preset", "fast"],
        ["optimize", "m", "d", "--output", "o", "--subset-size", "0"],
        ["benchmark", "m", "--seconds", "-1"],
        ["benchmark", "m", "--seconds", "nan"],
        ["benchmark", "m", "--seconds", "1", "--iterations", "1"],
        ["benchmark", "m", "--precision-hint", "f32,int4"],
        ["benchmark", "m", "--streams", "0,1"],
        ["benchmark", "m", "--batch", "1000"],
        ["benchmark", "m", "--resume"],
        ["report", "p", "o", "d", "--output", "o", "--score", "1.5"],
        ["benchmark", "a", "b", "c"],
        ["tutorial", "model.xml", "--output", "o"],
        ["inspect", ""],
        ["report", "p", "o", ".", "--output", "o", "--against-exact-int8"],
        ["export-project", "1", "--output", ""],
    ],
)
def test_bad_usage(terminal: Terminal, arguments: list[str]) -> None:
    said = terminal(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err


def test_input_that_cannot_be_used(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    gone, output = tmp_path / "gone", tmp_path / "out"
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    cases: list[tuple[tuple[object, ...], str]] = [
        (("inspect", gone), "There is no file"),
        (("inspect", tmp_path / "empty"), "There is no model in the folder"),
        (("predict", made.model, gone, "--output", output), "There is no folder"),
        (("predict", made.model, tmp_path / "file", "--output", output), "is not a folder"),
        (("predict", made.model, made.images, "--output", tmp_path), "is a folder"),
        (("optimize", made.model, tmp_path / "empty", "--output", output), "There are no images"),
        (
            ("optimize", made.model, made.images, "--output", tmp_path / "file"),
            "exists and is not a folder",
        ),
    ]
    for arguments, cause in cases:
        said = terminal(*arguments)
        assert (said.status, said.out) == (2, ""), arguments
        assert cause in said.err
        assert said.err.count("\n") == 1, "one sentence (or two) on one line"
    assert not output.exists()
    assert leftovers(tmp_path) == []


def test_a_job_that_fails(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "a.jpg").write_bytes(b"?")
    log = tmp_path / "log.txt"
    said = terminal(
        "predict", made.model, tmp_path / "images", "--output", tmp_path / "d.json", "--log", log
    )
    assert said.status == 1
    assert "None of the 1 images" in said.err
    assert "Traceback" in log.read_text("utf-8")
    assert not (tmp_path / "d.json").exists()


def test_version_and_help(terminal: Terminal) -> None:
    assert __version__ in terminal("--version").out
    for command in ENTRIES:
        assert command in terminal("--help").out


@pytest.mark.parametrize("command", ENTRIES)
def test_every_command_explains_itself(terminal: Terminal, command: str) -> None:
    said = terminal(command, "--help").out
    assert said.startswith(f"usage: detection-workbench {command}")
    assert ENTRIES[command].help in said
    assert f"example:\n  detection-workbench {command}" in said
    assert "what is printed:" in said
    assert "--json" in said
    loaded = ENTRIES[command].load()
    explained: list[argparse.Action] = []

    class Noting(argparse.HelpFormatter):
        def add_argument(self, action: argparse.Action) -> None:
            explained.append(action)
            super().add_argument(action)

    parser = argparse.ArgumentParser(formatter_class=Noting)
    loaded.add_arguments(parser)
    parser.format_help()
    assert explained
    for action in explained:
        assert action.help, f"{action.dest} has no help"
    parse(loaded.example.split())  # or it leaves: the example does not work


@pytest.mark.parametrize(
    ("typed", "meant"), [("optimise", "optimize"), ("bench", "benchmark"), ("reports", "report")]
)
def test_a_mistyped_command_is_asked_about(terminal: Terminal, typed: str, meant: str) -> None:
    said = terminal(typed)
    assert (said.status, said.out) == (2, "")
    assert f"Did you mean {meant}" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_whoever_stops_reading_is_not_complained_to() -> None:
    command = f"{sys.executable} -P -m core.cli catalogue list"
    line = f"{command} --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.split() in (["{", "141"], ["{", "0"], ["{141"], ["{0"])
    assert done.stderr == ""
    closed = f"{command} >&-"
    done = subprocess.run(
        ["bash", "-c", closed], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_output_that_cannot_be_written_is_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "core.cli", "catalogue", "list"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment(),
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Standard output cannot be written: No space left on device.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_what_a_killed_command_left_is_swept_by_the_next(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    places = {**environment(), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-P", "-m", "core.cli", "inspect", str(made.model)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=places
    ) as process:
        while not list(tmp_path.glob("detection-workbench-*")):
            assert process.poll() is None
        process.kill()
    assert list(tmp_path.glob("detection-workbench-*"))
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=places)
    assert list(tmp_path.glob("detection-workbench-*")) == []


def test_a_log_that_cannot_be_is_refused_before_any_work(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = terminal("inspect", made.model, "--log", tmp_path / "pipe")
    assert said.status == 2
    assert "pipe is not a regular file" in said.err


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c(made: Made, tmp_path: Path, number: signal.Signals) -> None:
    """To all processes of the terminal at once, as it does."""
    output = tmp_path / "out"
    with subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "core.cli", "optimize"),
            *(str(made.model), str(made.images), "--output", str(output)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    ) as process:
        while len(children := job_processes(process.pid)) == 0:
            assert process.poll() is None
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "Cancelled; nothing was left half-written.\n"
    assert not output.exists()
    assert leftovers(tmp_path) == []
    assert not any(child.is_running() for child in children)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf8(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write_image(images / os.fsdecode(b"\xe9.jpg"))
    output = images / "detections.json"
    found = terminal("predict", made.model, images, "--output", output, "--json").json
    assert found["output"] == str(output)
    rows = json.loads(output.read_text("utf-8"))
    assert {row["file_name"] for row in rows} == {"\udce9.jpg"}


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
def test_a_terminal_that_cannot_show_a_name_still_shows_the_rest(
    made: Made, tmp_path: Path, encoding: str
) -> None:
    name = "ünï 猫" if encoding.startswith("ascii") else "ünï 猫 \udce9"
    if sys.platform != "linux":
        name = "ünï 猫"
    images = write_images(tmp_path / name, 1)
    command = ["predict", made.model, images, "--output", images / "detections.json"]
    said = subprocess.run(
        [sys.executable, "-P", "-m", "core.cli", *map(str, command)],
        capture_output=True,
        env=environment(PYTHONIOENCODING=encoding),
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"detections in 1 images" in said.stdout


@pytest.mark.parametrize(
    "flags",
    [
        ["import", "m.onnx", "--output", "o", "--mean", "nan,1,2"],
        ["import", "m.onnx", "--output", "o", "--scale", "inf"],
        ["import", "m.onnx", "--output", "o", "--option", "nms_iou=nan"],
        ["optimize", "m.onnx", "images", "--output", "o", "--max-drop", "nan"],
        ["optimize", "m.onnx", "images", "--output", "o", "--minutes", "inf"],
    ],
)
def test_what_is_no_number_is_refused_as_an_argument(
    capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(flags)
    assert ended.value.code == 2
    assert "is not a number that can be used" in capsys.readouterr().err
