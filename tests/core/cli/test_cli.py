"""The terminal: the documented keys, exit statuses and files."""

import json
from pathlib import Path

import openvino as ov
import pytest

from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_image, write_images
from tests.support.jobs import leftovers
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
    answer = terminal("inspect", made.model.parent)
    assert answer.status == 0
    for words in ("ssd (openvino, FP32)", "image [1,3,64,64] f32", "cat, dog, bird", "64x64"):
        assert words in answer.out


def test_inspect_an_int8_model(terminal: Terminal, made: Made) -> None:
    answer = terminal("inspect", made.int8)
    assert "quantized already" in answer.out
    assert terminal("inspect", made.int8, "--json").json["quantized"] is True


def test_predict_gives_coco_results(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    write_image(images / "a" / "000000000139.jpg", 120, 90)
    write_image(images / "b" / "000000000042.jpg", 64, 64, seed=1)
    output = tmp_path / "deep" / "down" / "detections.json"
    found = terminal("predict", made.model, images, "--output", output, "--json").json
    assert found["output"] == str(output)
    assert (found["images"], found["problems"]) == (2, [])
    assert found["executed"]["settings"]["precision_hint"] == "default"
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
    assert "1 image is a HEIC file, whatever it is called (IMG_2.jpg)" in said.err
    assert said.err.count("IMG_2.jpg") == 1, "said once"
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
    found = terminal("benchmark", made.model, made.int8, "--seconds", "0.1", "--json").json
    assert {"machine", "rounds", "round_seconds", "started", "sentences", "runs", "ratios"} <= (
        found.keys()
    )
    assert len(found["runs"]) == 8
    assert found["sentences"][0].startswith("ssd-int8's throughput by default")
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
    answer = terminal("benchmark", made.model, "--seconds", "0.1")
    assert answer.status == 0
    assert [line.split()[:2] for line in answer.out.splitlines()[1:3]] == [
        ["ssd", "f32"], ["ssd", "default"]
    ]  # fmt: skip
    assert "OpenVINO" in answer.out


def test_a_benchmark_is_stored_and_resumed(terminal: Terminal, made: Made, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "speed", "--json")
    command = ("benchmark", made.model, "--images", made.images, *output)
    flags = ("--streams", "1", "--precision-hint", "f32", "--iterations", "12")
    found = terminal(*command, *flags).json
    (run,) = found["runs"]
    assert run["mode"] == {
        "hint": "streams", "streams": 1, "batch": 1, "requests": None, "start": "input",
        "threads": None, "pinned": None,
    }  # fmt: skip
    assert run["inferences"] >= 12
    assert found["settings"]["input"] == "dataset"
    assert (tmp_path / "speed" / "samples.npz").is_file()
    again = terminal(*command, "--resume").json
    assert again["runs"] == found["runs"], "it was complete"
    other = terminal("benchmark", made.int8, *output, "--resume")
    assert other.status == 2
    assert "is of other models" in other.err
    without = terminal("benchmark", made.model, *output, "--resume")
    assert without.status == 2
    assert "no dataset is named" in without.err


def test_a_benchmark_from_the_image_to_boxes(terminal: Terminal, made: Made) -> None:
    command = ("benchmark", made.model, "--seconds", "0.1", "--precision-hint", "f32")
    whole = (*command, "--images", made.images, "--end-to-end", "memory")
    found = terminal(*whole, "--json").json
    assert [run["mode"]["start"] for run in found["runs"]] == 2 * ["input"] + 2 * ["memory"]
    assert set(found["runs"][-1]["parts_ms"]) == {"decode", "prepare", "infer", "boxes"}
    answer = terminal(*whole, "--hint", "latency").out
    assert "latency, memory to boxes" in answer
    assert "decoding, ms" in answer
    assert "ms an image from memory to boxes, one after the other: decoding" in answer
    for refused, why in (
        (terminal(*command, "--end-to-end", "file"), "--end-to-end needs images"),
        (terminal(*whole, "--batch", "2"), "one image at a time"),
    ):
        assert refused.status == 2
        assert why in refused.err


def test_devices(terminal: Terminal) -> None:
    found = terminal("devices", "--json").json
    assert {"CPU", "AUTO"} <= {one["device"] for one in found["devices"]}
    assert found["processor"]["arithmetic"] in ("exact", "saturating", "float")
    answer = terminal("devices").out
    assert answer.startswith("CPU ")
    assert found["sentence"] in answer


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
    output = tmp_path / "report"
    command = ("report", made.model, made.int8, made.images, "--output", output)
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
