"""Names that mean the same class in COCO, VOC, Open Images and elsewhere."""

from __future__ import annotations

import re
from functools import cache

# Each line: names of one class. The first is COCO's where COCO has it.
SYNONYMS = (
    ("person", "people", "pedestrian", "human"),
    ("bicycle", "bike", "cycle"),
    ("motorcycle", "motorbike", "motor bike"),
    ("airplane", "aeroplane", "plane", "aircraft"),
    ("car", "automobile"),
    ("truck", "lorry"),
    ("bus", "coach"),
    ("tv", "tv monitor", "television", "television set", "tvmonitor", "monitor"),
    ("couch", "sofa", "sofa bed"),
    ("dining table", "diningtable", "table", "kitchen & dining room table"),
    ("potted plant", "pottedplant", "houseplant", "plant pot"),
    ("cell phone", "mobile phone", "cellphone", "phone"),
    ("cow", "cattle"),
    ("donut", "doughnut"),
    ("hair drier", "hair dryer", "hairdryer"),
    ("refrigerator", "fridge"),
    ("remote", "remote control"),
    ("mouse", "computer mouse"),
    ("keyboard", "computer keyboard"),
    ("sports ball", "ball"),
    ("traffic light", "traffic signal", "stoplight"),
    ("skis", "ski"),
    ("microwave", "microwave oven"),
    ("hot dog", "hotdog"),
    ("wine glass", "wineglass"),
    ("stop sign", "stopsign"),
    ("toilet", "lavatory"),
    ("cup", "mug", "coffee cup"),
    ("face", "human face"),
)

# What a class of the model may stand for: more than one class of a dataset.
GROUPS = {
    "vehicle": ("car", "bus", "truck", "van", "lorry", "automobile"),
    "bike": ("bicycle", "motorcycle", "motorbike", "bike", "scooter"),
    "two wheeler": ("bicycle", "motorcycle", "motorbike", "bike", "scooter"),
    "animal": ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra",
               "giraffe"),
    "person": ("man", "woman", "boy", "girl", "child", "rider"),
}  # fmt: skip

_NOT_A_WORD = re.compile(r"[\W_]+")
_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "knives": "knife",
    # These only look like plurals.
    **{word: word for word in ("bus", "glasses", "scissors", "skis", "tennis")},
}


def squeezed(name: str) -> str:
    """Lower case, without spaces, dashes and underscores."""
    return _NOT_A_WORD.sub("", name.casefold())


def singular(name: str) -> str:
    """The name, squeezed, with its last word in the singular, as far as a rule can tell."""
    words = [word for word in _NOT_A_WORD.split(name.casefold()) if word]
    if words:
        words[-1] = _singular_word(words[-1])
    return "".join(words)


@cache
def meanings() -> dict[str, str]:
    """For every synonym, in the singular, the first name of its line."""
    return {singular(name): names[0] for names in SYNONYMS for name in names}


def _singular_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word
