"""Find objects in an image, a folder of images, a video, or what a camera sees.

python detect.py photo.jpg --output found.jpg
python detect.py photos --output found
python detect.py film.mp4 --output found.mp4
python detect.py 0 --show

Of images, a line is printed for each object: score, class, and x1 y1 x2 y2 in pixels. A number is
a camera, 0 the first one; Esc in its window or Ctrl+C in the terminal ends it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from detector import Detector, devices
from processing import Detections

IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}
WORKED, FAILED, NOTHING_TO_DO = range(3)
NOBODY_READS = 128 + 13  # as a program that SIGPIPE ends
ESCAPE = 27


class CannotWriteError(Exception):
    """What is found has no place."""


class CannotRunError(Exception):
    """The model does not run on the device that is asked for."""


def main() -> int:
    """0: all went well; 1: something could not be read, run or written; 2: there is no input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", help="an image, a folder, a video, or a camera's number")
    parser.add_argument("--output", type=Path, help="a copy with boxes; of a folder, a folder")
    parser.add_argument("--score", type=float, help="detections from this score on")
    parser.add_argument("--device", default="CPU", help="as OpenVINO names it (default: CPU)")
    parser.add_argument("--show", action="store_true", help="show video or camera in a window")
    options = parser.parse_args()
    path = Path(options.input)
    try:
        if path.is_dir():
            return folder(path, options)
        if path.is_file():
            image = cv2.imread(str(path))
            return film(str(path), options) if image is None else photo(image, options)
        if options.input.isdecimal():
            return film(int(options.input), options)
    except CannotWriteError as error:
        print(f"{error} cannot be written.", file=sys.stderr)
        return FAILED
    except CannotRunError as error:
        print(f"The model cannot run on {options.device}: {error}", file=sys.stderr)
        print(f"The devices of this machine: {', '.join(devices())}.", file=sys.stderr)
        return FAILED
    print(f"There is no file or folder {path}.", file=sys.stderr)
    return NOTHING_TO_DO


def made(options: argparse.Namespace, requests: int | None) -> Detector:
    """The detector on the device that is asked for."""
    try:
        return Detector(device=options.device, score=options.score, requests=requests)
    except RuntimeError as error:
        raise CannotRunError(error) from error


def photo(image: np.ndarray, options: argparse.Namespace) -> int:
    """One image."""
    detector = made(options, 1)
    found = detector(image)
    for line in lines(detector, found):
        print(line)
    if options.output:
        write(options.output, drawn(detector, image, found))
    return WORKED


def folder(path: Path, options: argparse.Namespace) -> int:
    """Every image of a folder, several at a time."""
    files = sorted(one for one in path.iterdir() if one.suffix.lower() in IMAGES)
    if not files:
        print(f"There are no images in {path}.", file=sys.stderr)
        return NOTHING_TO_DO
    if options.output:
        if options.output.resolve() == path.resolve():
            print("The output must be another folder: images would be replaced.", file=sys.stderr)
            return NOTHING_TO_DO
        try:
            options.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotWriteError(options.output) from error
    detector = made(options, None)
    unread: list[str] = []
    begun = perf_counter()
    for file, image, found in detector.stream(files):
        assert isinstance(file, Path)
        if image is None:
            unread.append(file.name)
            continue
        for line in lines(detector, found):
            print(f"{file.name}: {line}")
        if options.output:
            write(options.output / file.name, drawn(detector, image, found))
    seconds = perf_counter() - begun
    count = len(files) - len(unread)
    print(f"{count} images, {count / seconds:.1f} a second, {at_a_time(detector)} at a time")
    if unread:
        print(f"OpenCV cannot read {', '.join(unread)}.", file=sys.stderr)
    return FAILED if unread else WORKED


def film(source: str | int, options: argparse.Namespace) -> int:
    """Every frame of a video, several at a time, or of a camera, each as soon as it is there."""
    live = isinstance(source, int)
    video = cv2.VideoCapture(source)
    if not video.isOpened():
        wrong = (
            f"There is no camera {source}, or OpenCV cannot open it."
            if live
            else f"{source} is neither an image nor a video that OpenCV can read."
        )
        print(wrong, file=sys.stderr)
        return NOTHING_TO_DO
    detector = made(options, 1 if live else None)
    writer = None
    count, begun = 0, perf_counter()
    try:
        for _, frame, found in detector.stream(frames(video)):
            picture = drawn(detector, frame, found)
            count += 1
            if options.output:
                writer = writer or writer_for(options.output, video, frame)
                writer.write(picture)
            if options.show:
                cv2.imshow("Esc ends", picture)
                if cv2.waitKey(1) == ESCAPE:
                    break
    except KeyboardInterrupt:
        pass  # how a camera is ended
    finally:
        video.release()
        if writer is not None:
            writer.release()
    seconds = perf_counter() - begun
    print(f"{count} frames, {count / seconds:.1f} a second, {at_a_time(detector)} at a time")
    return WORKED


def at_a_time(detector: Detector) -> int:
    """How many images are on their way through the model."""
    return detector.requests * detector.batch


def frames(video: cv2.VideoCapture) -> Iterator[np.ndarray]:
    """Until there are no more."""
    while True:
        there, frame = video.read()
        if not there:
            return
        yield frame


def writer_for(path: Path, video: cv2.VideoCapture, frame: np.ndarray) -> cv2.VideoWriter:
    """What takes frames of this size at the video's rate."""
    code = cv2.VideoWriter_fourcc(*"mp4v")
    size = (frame.shape[1], frame.shape[0])
    writer = cv2.VideoWriter(str(path), code, video.get(cv2.CAP_PROP_FPS) or 25.0, size)
    if not writer.isOpened():
        raise CannotWriteError(path)
    return writer


def write(path: Path, image: np.ndarray) -> None:
    """As the kind of image that the name says."""
    try:
        written = cv2.imwrite(str(path), image)
    except cv2.error:  # a kind that it does not know
        written = False
    if not written:
        raise CannotWriteError(path)


def lines(detector: Detector, found: Detections) -> Iterator[str]:
    """Score, class and box of every detection."""
    for box, score, name in zip(found.boxes, found.scores, detector.names(found), strict=True):
        x1, y1, x2, y2 = (round(float(side)) for side in box)
        yield f"{score:.3f} {name} {x1} {y1} {x2} {y2}"


def drawn(detector: Detector, image: np.ndarray, found: Detections) -> np.ndarray:
    """The image itself, with the detections in it."""
    for box, score, name in zip(found.boxes, found.scores, detector.names(found), strict=True):
        x1, y1, x2, y2 = (round(float(side)) for side in box)
        cv2.rectangle(image, (x1, y1), (x2, y2), (0, 158, 230), 2)
        at = (x1 + 2, max(y1 - 5, 14))
        cv2.putText(
            image, f"{name} {score:.2f}", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 158, 230), 1,
            cv2.LINE_AA,
        )  # fmt: skip
    return image


def until_nobody_reads() -> int:
    """`main`, which ends quietly where whoever reads its lines has enough."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return status


if __name__ == "__main__":
    sys.exit(until_nobody_reads())
