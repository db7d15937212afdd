"""The machine that a measurement is made on."""

from core.inference.machine import devices


def test_devices_are_those_of_openvino_and_auto() -> None:
    assert {"CPU", "AUTO"} <= devices().keys()
