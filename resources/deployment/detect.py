"""Find objects in an image or a video.

python detect.py photo.jpg --output found.jpg
python detect.py film.mp4 --output found.mp4
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from detector import Detector


def main() -> int:
    """Print what is found; draw it if there is an output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path, help="an image or a video")
    parser.add_argument("--output", type=Path, help="a copy with boxes")
    parser.add_argument("--score", type=float, help="detections from this score on")
    parser.add_argument("--device", default="CPU")
    options = parser.parse_args()
    if not options.input.is_file():
        print(f"There is no file {options.input}.", file=sys.stderr)
        return 2
    detector = Detector(device=options.device, score=options.score)
    image = cv2.imread(str(options.input))
    if image is not None:
        show(detector, image, printed=True)
        if options.output and not cv2.imwrite(str(options.output), image):
            print(f"{options.output} cannot be written.", file=sys.stderr)
            return 1
        return 0
    return film(detector, options)


def film(detector: Detector, options: argparse.Namespace) -> int:
    """Every frame of a video."""
    video = cv2.VideoCapture(str(options.input))
    if not video.isOpened():
        print(
            f"{options.input} is neither an image nor a video that OpenCV can read.",
            file=sys.stderr,
        )
        return 2
    writer = None
    frames, seconds = 0, 0.0
    while True:
        there, frame = video.read()
        if not there:
            break
        begun = perf_counter()
        show(detector, frame, printed=False)
        seconds += perf_counter() - begun
        frames += 1
        if options.output:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                code = cv2.VideoWriter_fourcc(*"mp4v")
                fps = video.get(cv2.CAP_PROP_FPS) or 25.0
                writer = cv2.VideoWriter(str(options.output), code, fps, size)
            writer.write(frame)
    if writer is not None:
        writer.release()
    print(f"{frames} frames, {frames / seconds if seconds else 0:.1f} a second with drawing")
    return 0


def show(detector: Detector, image: np.ndarray, printed: bool) -> None:
    """Draw the detections of an image into it, and print them."""
    found = detector(image)
    for box, value, name in zip(found.boxes, found.scores, detector.names(found), strict=True):
        x1, y1, x2, y2 = (round(float(side)) for side in box)
        if printed:
            print(f"{value:.3f} {name} {x1} {y1} {x2} {y2}")
        cv2.rectangle(image, (x1, y1), (x2, y2), (0, 158, 230), 2)
        label = f"{name} {value:.2f}"
        at = (x1 + 2, max(y1 - 5, 14))
        cv2.putText(image, label, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 158, 230), 1, cv2.LINE_AA)


if __name__ == "__main__":
    sys.exit(main())
