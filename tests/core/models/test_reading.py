"""Model files that are refused, each with its cause and a way out."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import openvino.opset13 as opset
import pytest

from core.errors import InputError
from core.models import reading
from core.models.foreign_operations import foreign_operations
from core.models.importing import import_model
from core.models.reading import read_model
from core.models.sources import find_model_file, model_size_bytes
from tests.support import flatbuffer, layouts, models, protobuf

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def ir(folder: Path) -> Path:
    return models.save(models.ssd(), folder, "model")


def old_version(folder: Path) -> Path:
    path = ir(folder)
    path.write_text(path.read_text("utf-8").replace('version="11"', 'version="3"', 1), "utf-8")
    return path


def without_weights(folder: Path) -> Path:
    path = ir(folder)
    path.with_suffix(".bin").unlink()
    return path


def short_weights(folder: Path) -> Path:
    path = ir(folder)
    data = path.with_suffix(".bin").read_bytes()
    path.with_suffix(".bin").write_bytes(data[: len(data) // 2])
    return path


def weights_of_git_lfs(folder: Path) -> Path:
    path = ir(folder)
    path.with_suffix(".bin").write_bytes(POINTER)
    return path


def short_graph(folder: Path) -> Path:
    path = ir(folder)
    text = path.read_text("utf-8")
    path.write_text(text[: len(text) // 2], "utf-8")
    return path


def weights_alone(folder: Path) -> Path:
    return ir(folder).with_suffix(".bin")


def no_layers(folder: Path) -> Path:
    path = ir(folder)
    path.write_text('<?xml version="1.0"?><net name="x" version="11"><layers/><edges/></net>')
    return path


def other_xml(folder: Path) -> Path:
    path = folder / "page.xml"
    path.write_text("<page/>")
    return path


def file(name: str, data: bytes = b"?") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def ncnn(folder: Path) -> Path:
    """Its weights, which are called as those of OpenVINO are."""
    (folder / "model.param").write_bytes(b"7767517")
    (folder / "model.bin").write_bytes(bytes(8))
    return folder / "model.bin"


def core_ml(folder: Path) -> Path:
    """It is a folder."""
    package = folder / "model.mlpackage"
    package.mkdir()
    (package / "Manifest.json").write_text("{}")
    return package


def nothing(folder: Path) -> Path:
    return folder / "gone.xml"


@pytest.mark.parametrize(
    ("make", "cause", "way_out"),
    [
        (old_version, "is OpenVINO IR version 3; only version 10 and newer", "Convert"),
        (without_weights, "needs its weights, model.bin", "Copy that file"),
        (short_weights, "cannot be read as a model", "cut short"),
        (weights_of_git_lfs, "model.bin is a Git LFS pointer", "git lfs pull"),
        (short_graph, "cannot be read as a model", "cut short"),
        (weights_alone, "only the weights", "Choose the .xml"),
        (no_layers, "is empty: it has no input or no output", "Export it again"),
        (other_xml, "is an XML file, but not an OpenVINO model", "Choose the .xml file"),
        (file("model.onnx", POINTER), "is a Git LFS pointer", "git lfs pull"),
        (file("model.xml", POINTER), "is a Git LFS pointer", "git lfs pull"),
        (file("model.pb", POINTER), "is a Git LFS pointer", "git lfs pull"),
        (file("model.onnx", b""), "cannot be read as a model", "damaged"),
        (file("model.onnx", b"\x08\x07nonsense"), "cannot be read as a model", "damaged"),
        (file("model.pt"), "is a PyTorch file", "Export it to ONNX"),
        (file("MODEL.PTH"), "is a PyTorch file", "Export it to ONNX"),
        (file("model.h5"), "is a Keras file", "tf2onnx"),
        (file("model.pdiparams"), "only the weights", "Choose the .pdmodel"),
        (file("model.caffemodel"), "is a Caffe model, which cannot be read", "to ONNX"),
        (file("model.rknn"), "compiled for Rockchip's processors", "compiled from"),
        (file("model.safetensors"), "weights without their network", "export that to ONNX"),
        (file("model.pkl"), "a pickled Python object, which is never loaded", "to ONNX"),
        (file("model.onnx", b"\x80\x02}q\x00"), "a pickled Python object", "to ONNX"),
        (file("model.onnx", b"PK\x03\x04" + bytes(26) + b"best/data.pkl"), "PyTorch", "to ONNX"),
        (file("model.onnx", b"ftrt"), "is a TensorRT engine", "built from"),
        (ncnn, "is an ncnn model", "Choose the ONNX file"),
        (core_ml, "is a Core ML model", "to ONNX"),
        (file("model.tflite"), "is not a TFLite model", "damaged"),
        (file("model.pb"), "cannot be read as a model", "damaged"),
        (file("model.pdmodel"), "needs its weights, model.pdiparams", "Copy that file"),
        (
            file("model.json", b'{"base_code":{"magic":"pir","trainable":true}}'),
            "needs its weights, model.pdiparams",
            "Copy that file",
        ),
        (file("model.json", b"{}"), "is a JSON file, but not a Paddle model", "the model file"),
        (
            file("model.json", b'{"info": {}, "images": [{"id": 1}]}'),
            "is a JSON file of annotations",
            "as the dataset",
        ),
        (
            file("model.json", b'{"format": "graph-model", "modelTopology": {}}'),
            "is a TensorFlow.js model",
            "SavedModel",
        ),
        (file("group1-shard1of3.bin"), "is a TensorFlow.js model", "SavedModel"),
        (file("model.engine"), "is a TensorRT engine", "ONNX"),
        (file("model.onnx", b"\n<!DOCTYPE html><html>"), "is a web page", "Download the file"),
        (file("model.tflite", b"\x1f\x8b\x08"), "is an archive", "Unpack it"),
        (file("model.onnx", b"PK\x03\x04"), "is an archive", "Unpack it"),
        (file("model.docx"), "the file name of a known model format", "Choose an OpenVINO IR"),
        (nothing, "There is no file", "Check the path"),
    ],
)
def test_it_is_refused_with_its_cause(
    tmp_path: Path, make: Callable[[Path], Path], cause: str, way_out: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(InputError) as refused:
        read_model(find_model_file(path))
    assert cause in refused.value.what
    assert path.stem.lower() in refused.value.what.lower()
    assert way_out in refused.value.next_step


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
@pytest.mark.parametrize("name", ["model.xml", "model.onnx", "model.bin"])
def test_a_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    path = ir(tmp_path) if name == "model.bin" else tmp_path / name
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=r"is not a regular file|needs its weights"):
        read_model(path)


def test_too_many_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_OPERATIONS", 20)
    path = models.save(models.chain(30), tmp_path, "long")
    with pytest.raises(InputError, match="more than 20 operations"):
        read_model(path)


def test_the_only_model_of_a_folder_is_taken(tmp_path: Path) -> None:
    path = ir(tmp_path)
    (tmp_path / "readme.md").write_text("?")
    assert find_model_file(tmp_path) == path
    assert find_model_file(path) == path


def test_a_folder_must_hold_one_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no model in the folder"):
        find_model_file(tmp_path)
    models.save(models.ssd(), tmp_path, "one")
    models.save(models.ssd(), tmp_path, "two")
    with pytest.raises(InputError, match=r"several models in .*: one\.xml, two\.xml"):
        find_model_file(tmp_path)


def test_a_folder_with_a_model_of_another_kind_tells_how_to_convert_it(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"?")
    with pytest.raises(InputError, match="is a PyTorch file"):
        read_model(find_model_file(tmp_path))


def test_the_size_is_that_of_graph_and_weights(tmp_path: Path) -> None:
    path = ir(tmp_path)
    sizes = [p.stat().st_size for p in (path, path.with_suffix(".bin"))]
    assert model_size_bytes(path) == sum(sizes)


def test_what_detects_nothing_is_refused_with_its_outputs(tmp_path: Path) -> None:
    path = models.save(models.embedding(), tmp_path, "reid")
    with pytest.raises(InputError, match=r"No known detector has the outputs \[1,256\]") as refused:
        import_model(path, tmp_path)
    assert "one row of numbers" in refused.value.what
    assert refused.value.next_step == "Choose the model of an object detector."


@pytest.mark.parametrize(
    ("outputs", "seen"),
    [
        ({"out": (1, 1000)}, "one row of numbers, as models do that classify"),
        ({"out": (1, 21, 64, 64)}, "one map of values all over the image"),
        ({"a": (1, 7, 8, 8), "b": (1, 7, 4, 4)}, "maps of cells, as heads of a detector"),
        ({"b": (1, 4200, 4), "s": (1, 4200, 2), "l": (1, 4200, 10)}, "points, as models of faces"),
        ({f"{n}{k}": (1, n, k) for n in (6400, 1600) for k in (1, 4, 10)}, "points, as models of"),
        ({"out": (1, 7, 2, 2)}, "one map of cells, as heads of a detector"),
        ({"out": (1, 21, 16, 16)}, "one map of values all over the image, as models of segm"),
        ({"out": (1, 21, 8, 8)}, "one map of 21 values for every 8 pixels, as models of segm"),
        ({"out": (1, 24, 4, 4)}, "one map of 24 values for every 16 pixels, as models of segm"),
        ({"out": ()}, "has the outputs [] (one number): for a whole image they give one row"),
        ({"out": (1, 9, 9), "loss": ()}, "has the outputs [1,9,9], [] (one number): "),
        ({"out": (1, 12, 9)}, "one table of 12 by 9 values"),
    ],
)
def test_unknown_outputs_are_refused_by_what_is_seen(
    tmp_path: Path, outputs: dict[str, tuple[int, ...]], seen: str
) -> None:
    model = layouts.emitting({name: np.zeros(shape) for name, shape in outputs.items()})
    path = models.save(model, tmp_path, "model")
    with pytest.raises(InputError, match="No known detector has the outputs") as refused:
        import_model(path, tmp_path)
    assert seen in refused.value.what
    assert len(str(refused.value).replace(str(path), "")) < 330


def test_faces_in_one_table_are_told_as_such(tmp_path: Path) -> None:
    parts = [np.zeros((1, 4200, length)) for length in (4, 2, 10)]
    path = models.save(layouts.joined(parts, 2), tmp_path, "model")
    with pytest.raises(InputError, match=r"model\.xml is not recognized.* give points"):
        import_model(path, tmp_path)


def test_what_nms_has_chosen_is_no_box(tmp_path: Path) -> None:
    path = models.save(layouts.emitting({"indices": np.zeros((9, 3), np.int64)}), tmp_path, "nms")
    with pytest.raises(InputError, match="which boxes NMS has chosen") as refused:
        import_model(path, tmp_path)
    assert "boxes and scores as outputs" in refused.value.next_step


@pytest.mark.parametrize(
    ("kind", "domain", "named", "way_out"),
    [
        ("EfficientNMS_TRT", "TRT", "EfficientNMS_TRT, an operation of TensorRT", "--end2end"),
        ("BatchedNMSDynamic_TRT", "", "BatchedNMSDynamic_TRT, an operation of", "TensorRT's NMS"),
        ("NMSRotated", "mmdeploy", "NMSRotated, an operation that chooses", "post-processing"),
        ("QLinearGelu", "com.microsoft", "QLinearGelu, an operation of ONNX Runtime", "QDQ"),
        ("FusedConv", "com.microsoft", "FusedConv, an operation of ONNX Runtime", "optimizer"),
        ("Wobble", "our.company", "our.company.Wobble, an operation of ONNX", "post-processing"),
    ],
)
def test_an_operation_that_is_not_known_is_named(
    tmp_path: Path, kind: str, domain: str, named: str, way_out: str
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(protobuf.onnx_with_operation(kind, domain))
    with pytest.raises(InputError) as refused:
        read_model(path)
    assert f"model.onnx uses {named}" in refused.value.what
    assert way_out in refused.value.next_step
    assert "damaged" not in str(refused.value)


def test_a_whole_file_that_cannot_be_converted_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(protobuf.onnx_with_operation("Reshape", ""))  # of a constant that is none
    with pytest.raises(InputError, match=r"OpenVINO cannot convert .*model\.onnx: ") as refused:
        read_model(path)
    assert "damaged" not in str(refused.value)
    assert "Export it again" in refused.value.next_step


@pytest.mark.parametrize("name", ["edgetpu-custom-op", "TFLite_Detection_PostProcess"])
def test_custom_operations_of_tflite_are_found_in_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(flatbuffer.tflite_with_operation(name))
    assert foreign_operations(path) == (name,)
    path.write_bytes(path.read_bytes()[:40])
    assert foreign_operations(path) == ()


def test_a_folder_with_a_tensorflow_js_model_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b'{"format": "graph-model", "weightsManifest": []}')
    for shard in ("group1-shard1of2.bin", "group1-shard2of2.bin"):
        (tmp_path / shard).write_bytes(b"?")
    with pytest.raises(InputError, match=r"model\.json is a TensorFlow\.js model"):
        read_model(find_model_file(tmp_path))


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    broken = models.known_yolox([models.Known((1, 2, 30, 40), float("nan"), 0)])
    path = models.save(broken, tmp_path, "model")
    with pytest.raises(InputError, match="outputs NaN or infinite values"):
        import_model(path, tmp_path / "out")


def classes_all_over(folder: Path, softmax: bool) -> Path:
    """Scores of 30 classes for every 32 pixels, as five anchors of one class have them."""
    image = opset.parameter([1, 3, 64, 64], np.float32, name="image")
    weights = opset.constant(np.ones((30, 3, 1, 1), np.float32))
    small = opset.convolution(image, weights, [32, 32], [0, 0], [0, 0], [1, 1])
    if softmax:
        scores = opset.softmax(small, 1)
    else:
        sizes, axes = (opset.constant(np.array(of, np.int64)) for of in ((2, 2), (2, 3)))
        scores = opset.interpolate(small, sizes, "linear", "sizes", axes=axes)
    return models.save(ov.Model([scores], [image], "all-over"), folder, "model")


@pytest.mark.parametrize("softmax", [False, True])
def test_maps_that_are_softmaxed_or_enlarged_are_no_anchors(tmp_path: Path, softmax: bool) -> None:
    with pytest.raises(InputError, match="one map of values all over the image, as models of seg"):
        import_model(classes_all_over(tmp_path, softmax), tmp_path)


def test_a_network_with_a_memory_is_refused(tmp_path: Path) -> None:
    image = opset.parameter([1, 3, 64, 64], np.float32, name="image")
    before = opset.read_value(
        opset.constant(np.zeros((1, 3, 64, 64), np.float32)),
        "v",
        ov.Type.f32,
        ov.PartialShape([1, 3, 64, 64]),
    )
    seen = opset.add(image, before)
    model = ov.Model([opset.result(seen)], [opset.assign(seen, "v")], [image], "memory")
    with pytest.raises(
        InputError, match=r"has a memory \(ReadValue, Assign\): what it finds"
    ) as refused:
        import_model(models.save(model, tmp_path, "model"), tmp_path)
    assert "without its state" in refused.value.next_step


NCNN_HALF = b"\x47\x6b\x30\x01"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("m.bin", NCNN_HALF, "is an ncnn model"),
        ("m.ncnn.bin", b"?", "is an ncnn model"),
        ("m.param.bin", b"?", "is an ncnn model"),
        ("m.bin", b"PK\x03\x04 a/data.pkl", "is a PyTorch file"),
        ("m.bin", b"\x80\x02}q", "is a PyTorch file"),
        ("pytorch_model.bin", b"?", "is a PyTorch file"),
        ("m.bin", b"\x1c\0\0\0TFL3", "is a TFLite model by its content"),
        ("m.bin", b'\x09\0\0\0\0\0\0\0{"a": 1}', "is a file of weights without their network"),
        ("m.bin", b"\x89HDF\r\n", "is a Keras file"),
        ("m.bin", b"?", "(OpenVINO's .xml, ncnn's .param) is not beside it"),
    ],
)
def test_weights_of_many_programs_are_told_apart(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(InputError) as refused:
            read_model(find_model_file(path))
        assert said in refused.value.what
        assert "Choose the .xml file beside it" not in refused.value.next_step


def test_a_folder_of_ncnn_is_told_as_one(tmp_path: Path) -> None:
    for name in ("m.param", "m.bin"):
        (tmp_path / name).write_bytes(b"7767517\n")
    for path in (tmp_path, *tmp_path.iterdir()):
        with pytest.raises(InputError, match="is an ncnn model") as refused:
            read_model(find_model_file(path))
        assert "ONNX" in refused.value.next_step
