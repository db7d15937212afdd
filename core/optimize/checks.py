"""What is wrong, or looks odd, before a model is quantized: refusals and warnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.errors import InputError
from core.images.decode import read_reduced
from core.inference.loading import input_tensors, load_images
from core.models.calibration_warnings import (
    AlikeImages,
    CalibrationWarning,
    FewImages,
    LittleMemory,
    NothingDetected,
    OneTone,
    OtherValuesBetter,
    UniformImages,
)
from core.models.detector import Detector
from core.models.running import FirstRuns
from core.models.stored import read_network
from core.models.trial import SIDE_BY_SIDE, try_values
from core.progress import Step
from core.sizes import gigabytes, megabytes

Thumbnails = NDArray[np.float32]

_FEW = 32  # images: below, ranges are left to chance
_LOOKED_AT = 300  # images
_TENSORS = 8
_EXAMPLES = 3  # names that a warning has
_SIDE = 16  # pixels of a thumbnail
_ALIKE = 4.0  # mean difference of two thumbnails, in grey levels 0..255
_MANY = 0.2  # share of images that are like another one
_FLAT = 1.0  # standard deviation of the grey levels of an image of one colour
_DARK, _BRIGHT = 32.0, 224.0
_MEMORY_BASE = 450 * 2**20  # bytes that OpenVINO and NNCF take with a small model
_DISK_BASE = 2**20  # bytes for the log, the card and the recipe
TRYING = "Trying the parent on calibration images"
_STAGE = "Checking the calibration images"


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a model is about to be calibrated with: images of a dataset, by their indices."""

    xml: Path
    detector: Detector
    dataset: Dataset
    indices: NDArray[np.intp]


def check_calibration(about: Calibration, step: Step) -> tuple[CalibrationWarning, ...]:
    """Whether the images are too few, alike, of one colour, or not what the model expects.

    Raises InputError where they are useless.
    `step` hears of progress, and may raise to stop.
    """
    looked_at = check_images(about, step)
    return (*looked_at, *try_parent(about, lambda: step(TRYING, 0, None)))


def check_images(about: Calibration, step: Step) -> tuple[CalibrationWarning, ...]:
    """The same by the images alone."""
    _require_finite(about)
    names = [about.dataset.images[index] for index in about.indices[:_LOOKED_AT]]
    small = thumbnails([about.dataset.root / name for name in names], step)
    return (
        *_few(about),
        *_uniform(small, names),
        *_one_tone(small),
        *_alike(small, names),
    )


def check_room(xml: Path, folder: Path) -> tuple[LittleMemory, ...]:
    """Whether there is memory and disk enough for the model at `xml`; `folder` is written to.

    Raises InputError where it cannot work, gives a warning where it may get tight.
    """
    size = xml.with_suffix(".bin").stat().st_size + xml.stat().st_size
    free = psutil.disk_usage(str(folder)).free
    wanted = _DISK_BASE + 2 * size
    if free < wanted:
        raise InputError(
            f"Only {megabytes(free, 0)} of disk space left; optimizing needs about "
            f"{megabytes(wanted, 0)}.",
            "Free some space and start again.",
        )
    memory = psutil.virtual_memory()
    needed = _MEMORY_BASE + 2 * size
    if needed > memory.total:
        raise InputError(
            f"Optimizing needs about {gigabytes(needed)} of memory, and this machine has "
            f"{gigabytes(memory.total)}.",
            "Use a larger machine.",
        )
    if needed > memory.available:
        return (LittleMemory(needed=needed, available=memory.available),)
    return ()


def thumbnails(paths: Sequence[Path], step: Step) -> Thumbnails:
    """Float32 ``[N, 16 * 16]``, grey levels 0..255; NaN where an image cannot be read."""
    from core.images.opencv import cv2

    def small(path: Path) -> Thumbnails:
        try:
            grey = cv2.cvtColor(read_reduced(path, 8 * _SIDE), cv2.COLOR_BGR2GRAY)
        except InputError:
            return np.full(_SIDE * _SIDE, np.nan, np.float32)
        shrunk = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        return np.asarray(shrunk, np.float32).ravel()

    made = []
    with ThreadPoolExecutor() as pool:
        try:
            for done, one in enumerate(pool.map(small, paths), start=1):
                made.append(one)
                step(_STAGE, done, len(paths))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # a cancel need not wait for the others
            raise
    return np.stack(made) if made else np.zeros((0, _SIDE * _SIDE), np.float32)


def _require_finite(about: Calibration) -> None:
    if 0.0 in about.detector.preprocessing.scale:
        raise InputError(
            "The calibration input would have no values: the preprocessing divides by 0.",
            "Edit the model's settings: its scale must not be 0.",
        )
    loaded = load_images(about.dataset, about.indices[:_TENSORS], about.detector)
    for tensors in islice(input_tensors(loaded, []), _TENSORS):
        if not all(np.isfinite(tensor).all() for tensor in tensors if tensor.dtype.kind == "f"):
            raise InputError(
                "The calibration input has values that are not numbers.",
                "Edit the model's settings: its mean and scale.",
            )


def _few(about: Calibration) -> tuple[FewImages, ...]:
    count = len(about.indices)
    return () if count >= _FEW else (FewImages(dataset=about.dataset.name, images=count),)


def _uniform(small: Thumbnails, names: list[str]) -> tuple[UniformImages, ...]:
    uniform = np.flatnonzero(small.std(axis=1) < _FLAT)
    known = int((~np.isnan(small[:, 0])).sum())
    if known and len(uniform) == known:
        tone = "almost black" if np.nanmax(small) < _DARK else "of one colour"
        raise InputError(
            f"Every calibration image is {tone}: there is nothing to calibrate with.",
            "Choose images of what the model will see.",
        )
    if not len(uniform):
        return ()
    examples = tuple(names[place] for place in uniform[:_EXAMPLES])
    return (UniformImages(images=len(uniform), examples=examples),)


def _one_tone(small: Thumbnails) -> tuple[OneTone, ...]:
    known = small[~np.isnan(small[:, 0])]
    if not len(known):
        return ()
    low, high = float(known.min()), float(known.max())
    if high < _DARK:
        return (OneTone(tone="black", level=high),)
    return (OneTone(tone="white", level=low),) if low > _BRIGHT else ()


def _alike(small: Thumbnails, names: list[str]) -> tuple[AlikeImages, ...]:
    """Counts the images that are like one before them."""
    like: list[tuple[int, int]] = []
    different: list[int] = []
    for place, one in enumerate(small):
        if np.isnan(one[0]):
            continue
        gaps = np.abs(small[different] - one).mean(axis=1)
        if len(gaps) and gaps.min() < _ALIKE:
            like.append((place, different[int(gaps.argmin())]))
        else:
            different.append(place)
    if len(like) < max(2, _MANY * len(small)):
        return ()
    first, second = like[0]
    example = (names[first], names[second])
    return (AlikeImages(images=len(like), total=len(small), example=example),)


def try_parent(
    about: Calibration, tick: Callable[[], None]
) -> tuple[NothingDetected | OtherValuesBetter, ...]:
    """Whether the parent does better with other values than those it is fed with.

    `tick` is called before every image, and may raise to stop.
    """
    tick()
    model = read_network(about.xml)
    runs = FirstRuns(model, about.xml.name, at_once=SIDE_BY_SIDE)
    images = [about.dataset.path(int(index)) for index in about.indices]
    tried = try_values(about.detector, runs, images, tick=tick)
    if tried is None:
        return ()
    if tried.better is None:
        return (NothingDetected(images=tried.images),) if tried.finds_nothing else ()
    return (
        OtherValuesBetter(
            images=tried.images,
            own=about.detector.preprocessing,
            other=tried.better.detector.preprocessing,
            own_confidence=tried.better.own,
            other_confidence=tried.better.confidence,
        ),
    )
