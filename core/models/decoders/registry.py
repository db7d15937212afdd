"""All output layouts that the program knows. A new one is a file beside this and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InputError, WorkbenchError
from core.models.decoders.base import Decoder
from core.models.decoders.ssd import SsdDecoder
from core.models.decoders.yolox import YoloxDecoder
from core.models.detector import Recognition

if TYPE_CHECKING:
    import openvino as ov

DECODERS: tuple[Decoder, ...] = (SsdDecoder(), YoloxDecoder())


def decoder_by_id(wanted: str) -> Decoder:
    """The decoder with this id; raises WorkbenchError where a newer program wrote it."""
    for decoder in DECODERS:
        if decoder.id == wanted:
            return decoder
    raise WorkbenchError(
        f"The output layout '{wanted}' is not known to this version of the program.",
        "Import the model again.",
    )


def recognise(model: ov.Model) -> tuple[Decoder, Recognition]:
    """The decoder that is surest of the model; raises InputError where none knows it."""
    claims = [(decoder, decoder.recognise(model)) for decoder in DECODERS]
    sure = [(decoder, claim) for decoder, claim in claims if claim is not None]
    if not sure:
        outputs = ", ".join(output.partial_shape.to_string() for output in model.outputs)
        known = "; ".join(decoder.title for decoder in DECODERS)
        raise InputError(
            f"No known detector has the outputs {outputs}.",
            f"The layouts that can be read are: {known}.",
        )
    return max(sure, key=lambda pair: pair[1].confidence)
