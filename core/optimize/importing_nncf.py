"""NNCF is imported by this, in two thirds of the time.

NNCF needs one function of scipy's linear algebra, for a method that quantization here does not
use, and that is a third of its import: the function is loaded when it is called.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_LATE = "scipy.linalg"
_FOR_OPENVINO = (
    "openvino.quantization.quantize_model",
    "openvino.statistics.aggregator",
    "openvino.engine",
    "openvino.hardware.fused_patterns",
    "openvino.quantization.ignored_patterns",
    "quantization.algorithms.min_max.openvino_backend",
    "quantization.algorithms.fast_bias_correction.openvino_backend",
)


class _Late(ModuleType):
    """Stands for the module while NNCF is imported, and is not seen by anyone else."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import asks every module for
            raise AttributeError(name)
        return getattr(_loaded(), name)

    @staticmethod
    def lstsq(*given: Any, **named: Any) -> Any:
        """As `scipy.linalg.lstsq`, which NNCF imports by name."""
        return _loaded().lstsq(*given, **named)


def import_nncf() -> ModuleType:
    """NNCF; later imports of it by its name find it there."""
    if _LATE in sys.modules:
        return import_module("nncf")
    sys.modules[_LATE] = _Late(_LATE)
    try:
        return import_module("nncf")
    finally:
        _give_way()


def is_imported() -> bool:
    """Whether `import_for_quantizing` has been called in this process."""
    return all(f"nncf.{module}" in sys.modules for module in _FOR_OPENVINO)


def import_for_quantizing() -> None:
    """NNCF with what it imports only when a model of OpenVINO's is quantized."""
    import_nncf()
    for module in _FOR_OPENVINO:
        import_module(f"nncf.{module}")


def _loaded() -> ModuleType:
    _give_way()
    return import_module(_LATE)


def _give_way() -> None:
    if isinstance(sys.modules.get(_LATE), _Late):
        del sys.modules[_LATE]
