"""A look at a model before anything is decided: its detections on a few pictures."""

from __future__ import annotations

from core.errors import InputError
from core.jobs.context import JobContext
from core.jobs.requests import PreviewRequest
from core.jobs.results import PreviewedImage, PreviewResult


def preview(request: PreviewRequest, context: JobContext) -> PreviewResult:
    """The detections of each picture; drawn into ``preview-<n>.png`` if that is wanted."""
    from core.export.drawing import draw_detections, write_picture
    from core.images.decode import read_image
    from core.models.running import FirstRuns
    from core.runtime import openvino_core

    context.step("Reading the model")
    runs = FirstRuns(openvino_core().read_model(request.model), request.model.name)
    images = []
    for number, path in enumerate(request.images):
        context.step("Detecting", number, len(request.images))
        try:
            picture = read_image(path)
        except InputError as error:
            images.append(PreviewedImage(path=path, problem=error.what))
            continue
        found = runs.detections(request.detector, picture)
        named = found.where(found.class_ids < len(request.detector.class_names))
        images.append(
            PreviewedImage(
                path=path,
                width=picture.shape[1],
                height=picture.shape[0],
                boxes=tuple(map(tuple, named.boxes.tolist())),
                scores=tuple(named.scores.tolist()),
                class_ids=tuple(named.class_ids.tolist()),
            )
        )
        if request.draw_from is not None:
            shown = named.where(named.scores >= request.draw_from)
            drawn = draw_detections(picture, shown, request.detector.class_names)
            write_picture(context.folder / f"preview-{number}.png", drawn)
    return PreviewResult(images=tuple(images))
