"""The one place that imports OpenCV, so that its two side effects are dealt with once.

It decodes images of any size unless told otherwise before the import, and (the wheel for
desktops) points Qt at its own plug-ins and fonts, which would break ours.
"""

from __future__ import annotations

import os

from core.images.header import MAX_PIXELS

_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_before = {name: os.environ.get(name) for name in _QT_VARIABLES}

os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MAX_PIXELS)

import cv2  # noqa: E402  # after the limit is set

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

__all__ = ["MAX_PIXELS", "cv2"]
