"""The engine of Detection Workbench: everything it can do, without a window.

Importing this package turns the telemetry of OpenVINO and NNCF off for the process, before
either of them can be imported: both look for ``openvino_telemetry`` and stay silent without it.
"""

import sys

__version__ = "0.2.0"

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # "not installed", to importers
