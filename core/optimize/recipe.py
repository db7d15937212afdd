"""The recipe: a script that makes the optimized model again, with OpenVINO and NNCF alone."""

from __future__ import annotations

import ast
import inspect
import pprint
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from core.images.opening import TAR
from core.models.calibrated import calibrated_with
from core.models.detector import Detector
from core.models.nms_inside import NMS_MODULES, nms_code
from core.models.plan import QuantizationPlan
from core.models.preprocessing import Preprocessing
from core.models.preprocessing_inside import inside_code
from core.models.resizing import shapes_at
from core.models.sources import safe_name
from core.models.stored import load_stored, weights_sha256
from core.optimize.parameters import DEVICES, Named, advanced_parameters
from core.optimize.rewriting import REWRITING, rewriting_code
from core.values import Stored, read_json, write_bytes_whole, write_json

if TYPE_CHECKING:
    from core.optimize.quantizing import Ingredients

RECIPE_FILE = "recipe.py"
IMAGES_FILE = "recipe-images.txt"
INGREDIENTS_FILE = "recipe.json"


class StoredIngredients(Stored):
    """What a recipe is made from, beside the model: data, so that it can be made anew anywhere.

    Attributes:
        plan: the quantization plan.
        images, subset_size, ignored_names, rewritten, zeros_moved: as in
            `core.optimize.quantizing.Ingredients`.
        weights_sha256: of the weights that the recipe makes.
    """

    plan: QuantizationPlan
    images: tuple[str, ...]
    subset_size: int
    ignored_names: tuple[str, ...]
    weights_sha256: str
    rewritten: bool = False
    zeros_moved: bool = False


def write_recipe(
    xml: Path, detector: Detector, plan: QuantizationPlan, made_of: Ingredients
) -> Path:
    """Write the script, its images and its data beside the model at `xml`; the script's path.

    `detector` is how it was calibrated: with preprocessing and NMS outside, wherever they are now.
    """
    stored = StoredIngredients(
        plan=plan,
        images=made_of.images,
        subset_size=made_of.subset_size,
        ignored_names=made_of.ignored_names,
        weights_sha256=weights_sha256(xml),
        rewritten=made_of.rewritten,
        zeros_moved=made_of.zeros_moved,
    )
    write_json(xml.parent / INGREDIENTS_FILE, stored)
    return _write(xml.name, detector, stored, xml.parent)


def remake_recipe(model: Path, folder: Path) -> bool:
    """The recipe of a model of this program's, an IR or its folder, made anew in `folder`.

    Only data is read, never a script. False where there is none, or it is another model's.
    """
    xmls = sorted(model.glob("*.xml")) if model.is_dir() else [model]
    for xml in xmls:
        data = xml.parent / INGREDIENTS_FILE
        if xml.suffix != ".xml" or not data.is_file() or not xml.with_suffix(".bin").is_file():
            continue
        stored = read_json(data, StoredIngredients)
        if stored.weights_sha256 == weights_sha256(xml):
            folder.mkdir(parents=True, exist_ok=True)
            _write(xml.name, calibrated_with(load_stored(xml).card), stored, folder)
            write_json(folder / INGREDIENTS_FILE, stored)
            return True
    return False


def _write(name: str, detector: Detector, stored: StoredIngredients, folder: Path) -> Path:
    import nncf
    import openvino as ov

    rounds, lists = stored.plan.weight_rounding == "least_error", stored.plan.nms == "inside"
    carried = (*(_ROUNDING if rounds else ()), *(REWRITING if stored.rewritten else ()))
    carried = (*carried, *(NMS_MODULES if lists else ()), *(_ZERO if stored.zeros_moved else ()))
    versions = {"openvino": ov.__version__.split("-")[0], "nncf": nncf.__version__}
    script = _SCRIPT.substitute(
        name=safe_name(name),
        versions=", ".join(f"{key} {value}" for key, value in versions.items()),
        images_file=IMAGES_FILE,
        shards=_SHARDS if any(f"{TAR}/" in image.lower() for image in stored.images) else "",
        sha256=pprint.pformat(stored.weights_sha256),
        ignored=pprint.pformat(list(stored.ignored_names), width=96, compact=True),
        image_lines="\n    ".join(_image_lines(detector.preprocessing)),
        tensors=_tensors(detector),
        reshaped=_reshaped(detector) if stored.plan.input_size is not None else "",
        arguments="\n    ".join(f"{line}," for line in _arguments(stored)),
        future="from __future__ import annotations\n\n" if carried else "",
        carried=_definitions(carried) if carried else "",
        zero=_ZERO_LINES if stored.zeros_moved else "",
        one_thread=_ONE_THREAD if rounds else "",
        rounded=_rounded(stored) if rounds else "",
        rewritten=rewriting_code(stored.plan.target) if stored.rewritten else "",
        inside=inside_code(detector) if stored.plan.preprocessing == "inside" else "",
        nms=nms_code(detector) if lists else "",
    )
    listed = "".join(f"{image}\n" for image in stored.images)
    write_bytes_whole(folder / IMAGES_FILE, listed.encode("utf-8", "surrogateescape"))
    write_bytes_whole(folder / RECIPE_FILE, script.encode())
    return folder / RECIPE_FILE


def _image_lines(preprocessing: Preprocessing) -> list[str]:
    """The lines that make a tensor of `image`, uint8 BGR."""
    width, height = preprocessing.width, preprocessing.height
    lines = []
    if preprocessing.resize == "stretch":
        lines.append(
            f"image = cv2.resize(image, ({width}, {height}), interpolation=cv2.INTER_LINEAR)"
        )
    else:
        lines += [
            "rows, columns = image.shape[:2]",
            f"scale = min({width} / columns, {height} / rows)",
            "size = max(1, round(columns * scale)), max(1, round(rows * scale))",
            f"padded = np.full(({height}, {width}, 3), {preprocessing.pad_value}, np.uint8)",
        ]
        if preprocessing.resize == "letterbox":
            lines.append(f"left, top = ({width} - size[0]) // 2, ({height} - size[1]) // 2")
        else:
            lines.append("left, top = 0, 0")
        lines += [
            "image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)",
            "padded[top : top + size[1], left : left + size[0]] = image",
            "image = padded",
        ]
    if preprocessing.color_order == "rgb":
        lines.append("image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)")
    if preprocessing.element_type == "f32":
        lines.append("image = image.astype(np.float32)")
        if any(preprocessing.mean):
            lines.append(f"image -= np.array({list(preprocessing.mean)}, np.float32)")
        if any(value != 1 for value in preprocessing.scale):
            lines.append(f"image /= np.array({list(preprocessing.scale)}, np.float32)")
    if preprocessing.layout == "NCHW":
        lines.append("image = np.ascontiguousarray(image.transpose(2, 0, 1))")
    return lines


def _tensors(detector: Detector) -> str:
    """The tensors of all inputs, in the model's order."""
    tensors = ["image[None]"]
    for extra in sorted(detector.extra_inputs, key=lambda one: one.index):
        values = extra.tensor(detector.preprocessing)
        if extra.kind == "ones":
            code = f"np.ones({extra.shape}, {values.dtype.name!r})"
        else:
            code = f"np.array({values.tolist()}, {values.dtype.name!r})"
        tensors.insert(extra.index, code)
    return ", ".join(tensors) + ","


def _reshaped(detector: Detector) -> str:
    """The line that brings the network to the plan's input size."""
    return f"network.reshape({shapes_at(detector)})\n"


def _arguments(stored: StoredIngredients) -> list[str]:
    """The keyword arguments of ``nncf.quantize``, as code."""
    plan = stored.plan
    lines = [
        f"preset=nncf.QuantizationPreset({plan.preset!r})",
        f"target_device=nncf.TargetDevice({DEVICES[plan.target]!r})",
        f"subset_size={stored.subset_size}",
        f"fast_bias_correction={plan.bias_correction != 'accurate'}",
    ]
    if plan.model_type != "default":
        lines.append(f"model_type=nncf.ModelType({plan.model_type!r})")
    lines.append(
        f"ignored_scope=nncf.IgnoredScope(names=IGNORED, types={list(plan.ignored_types)}, "
        "validate=False)"
    )
    advanced = ", ".join(
        f"{name}={one.code() if isinstance(one, Named) else repr(one)}"
        for name, one in advanced_parameters(plan).items()
    )
    lines.append(f"advanced_parameters=nncf.AdvancedQuantizationParameters({advanced})")
    return lines


def _rounded(stored: StoredIngredients) -> str:
    """The line that rounds the weights again."""
    from core.optimize.quantizing import BIASES

    images = f"Images(lambda: map(tensors, images), {stored.subset_size})"
    biases = BIASES[stored.plan.bias_correction]
    return f"round_weights(quantized, network, {images}, ov.Core(), {biases!r})\n"


def _definitions(modules: Sequence[str]) -> str:
    """What these modules define, without what a script has already."""
    definitions = []
    for module in modules:
        for node in ast.parse(inspect.getsource(import_module(module))).body:
            text = isinstance(node, ast.Expr)
            own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_OWN)
            if not text and not own:
                definitions.append(node)
    lines = [ast.unparse(one) for one in definitions]
    return "\n".join(dict.fromkeys(lines)) + "\n\n\n"


_OWN = ("core", "__future__")
_ROUNDING = ("core.optimize.moments", "core.optimize.rounding")
_ZERO = ("core.optimize.zero_level",)
_ZERO_LINES = """from nncf.quantization import fake_quantize

fake_quantize.tune_range = with_zero(fake_quantize.tune_range)
"""
_ONE_THREAD = """import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as where it was made: sums may be others in several

"""
_SHARDS = """Members of tar shards are found where each is unpacked into a folder of its own name.
"""
_SCRIPT = Template('''"""Makes $name again, with the same weights: $versions.

    python recipe.py PARENT.xml FOLDER_OF_CALIBRATION_IMAGES OUTPUT.xml

It needs openvino, nncf, numpy and opencv-python. The images are those in $images_file.
$shards"""

${future}${one_thread}import hashlib
import sys
from pathlib import Path

sys.modules["openvino_telemetry"] = None  # nothing is sent to anyone

import cv2
import nncf
import numpy as np
import openvino as ov

SHA256 = $sha256  # of the weights
IGNORED = $ignored  # operations that stay in float


${carried}def tensors(path):
    image = cv2.imread(str(path))
    $image_lines
    return ($tensors)


parent, folder, output = (Path(argument) for argument in sys.argv[1:4])
names = Path(__file__).with_name("$images_file").read_bytes().decode("utf-8", "surrogateescape")
images = [folder / name for name in names.splitlines()]
network = ov.Core().read_model(parent)
${reshaped}${zero}quantized = nncf.quantize(
    network,
    nncf.Dataset(images, tensors),
    $arguments
)
${rounded}${rewritten}${inside}${nms}ov.save_model(quantized, output, compress_to_fp16=False)
same = hashlib.sha256(output.with_suffix(".bin").read_bytes()).hexdigest() == SHA256
print("The weights are the same." if same else "The weights differ from the original ones.")
sys.exit(0 if same else 1)
''')
