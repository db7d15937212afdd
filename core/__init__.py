"""The engine of Detection Workbench: everything it can do, without a window.

Importing this package turns the telemetry of OpenVINO and NNCF off for the process, before
either of them can be imported: both look for ``openvino_telemetry`` and stay silent without it.
OpenVINO's converter is turned off, too, which it can do without, and which is half of its import:
models are read by OpenVINO itself.
"""

import sys

__version__ = "0.2.0"

for _name in ("openvino_telemetry", "openvino.tools.ovc"):
    sys.modules[_name] = None  # type: ignore[assignment]  # "not installed", to importers
