"""What OpenVINO, NNCF and Dask mean by their messages: one clause with the cause.

Their messages are stacks of "Exception from file:line" around one line that says something, in
words of the library's own inside.
"""

from __future__ import annotations

import re

_LONGEST = 300  # characters of somebody else's message

# The first one that is found in a message says what it means; groups fill the braces.
_KNOWN = tuple(
    (re.compile(pattern, re.S), clause)
    for pattern, clause in (
        (r"libOpenCL\S*: cannot open", "there is no driver for a GPU (OpenCL) on this machine"),
        (r"intel_npu_compiler|ze_loader", "there is no driver for an NPU on this machine"),
        (r'Device with "([^"]+)" name is not registered', "OpenVINO has no device {0} here"),
        (r"No available devices|Available devices? not found", "the device is not there"),
        (
            r"Wrong value (\S+) for property key INFERENCE_PRECISION_HINT",
            "the device does not run in {0}",
        ),
        (r"Unsupported property:? (\S+?)[\s.,]", "the device does not know the setting {0}"),
        (
            r"got \[([\d,]+)\] expecting \[([\d,]+)\]",
            "an input of shape {0} was given, and the network takes {1}",
        ),
        (
            r"model input \(shape=\[([^\]]+)\]\) and the tensor \(shape=\(([^)]+)\)",
            "an input of shape {1} was given, and the network takes {0}",
        ),
        (r"Incorrect weights in bin file", "the .bin file does not belong to the .xml file"),
        (r"tags mismatch|pugi::status_ok", "the .xml file is damaged"),
        (
            r"Data batch channel count \((\d+)\) does not match filter input channel count \((\d+)",
            "a convolution gets {0} channels and takes {1}",
        ),
        (
            r"Requested output shape (\S+) is incompatible with input shape",
            "a reshape inside the network is fixed to {0}",
        ),
        (
            r"Stream is closed|ConnectionPool closing|^in <\w+ \(closed\)",
            "the connection was closed",
        ),
        (r"Connect call failed", "nobody listens there"),
        (r"Timed out trying to connect to \S+ after ([\d.]+ s)", "there was no contact for {0}"),
        (r"bad_alloc|[Oo]ut of memory|OUT_OF_RESOURCES|OUT_OF_\w+_MEMORY", "memory ran out"),
    )
)
# Where in the code something was noticed, and what was done meanwhile: no cause.
_FRAME = re.compile(
    r"^(Exception from |Check '.*' failed|While validating|Shape inference input shapes|"
    r"\[ ?(ERROR|GENERAL_ERROR|NOT_\w+) ?\]$|-- )"
)


def cause(error: BaseException) -> str:
    """Why it failed, a clause without its full stop: of a known message in plain words.

    Of another one, its first line that says something, once.
    """
    text = str(error)
    for pattern, clause in _KNOWN:
        found = pattern.search(text)
        if found:
            return clause.format(*found.groups())
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    messages = [line for line in lines if not _FRAME.match(line)] or lines[-1:]
    if not messages and isinstance(error, TimeoutError):
        return "no answer came in time"
    first = messages[0] if messages else type(error).__name__
    return first.rstrip(".:")[:_LONGEST]
