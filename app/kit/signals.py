"""Qt signals whose payload a type checker knows.

To Qt every payload is `object`: a `Signal(dict)` loses keys on the way, and a `Signal(int)` cuts
large numbers. What it really is stands in brackets, where mypy reads it:

    image_requested = Sends[Path]()
    self.image_requested.emit(path)  # checked
    page.image_requested.connect(open_path)  # checked: takes a Path, or nothing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Generic, Self, TypeVarTuple, overload

    from PySide6.QtCore import QMetaObject, QObject, Qt, SignalInstance

    Payload = TypeVarTuple("Payload")

    class Sent(Generic[*Payload]):
        """The signal of one object."""

        def connect(
            self,
            receiver: Callable[[*Payload], object]
            | Callable[[], object]
            | Sent[*Payload]
            | SignalInstance,
            type: Qt.ConnectionType = ...,
        ) -> QMetaObject.Connection: ...
        def disconnect(self, receiver: object = ...) -> bool: ...
        def emit(self, *payload: *Payload) -> None: ...

    class Sends(Generic[*Payload]):
        """Declares a signal in a class; its objects have a `Sent`."""

        @overload
        def __get__(self, instance: None, owner: Any) -> Self: ...
        @overload
        def __get__(self, instance: QObject, owner: Any) -> Sent[*Payload]: ...
        def __get__(self, instance: QObject | None, owner: Any) -> Self | Sent[*Payload]: ...

else:

    class Sends:
        """Declares a signal in a class."""

        def __class_getitem__(cls, payload: Any) -> Any:
            """What makes a signal with this payload, or with several."""
            count = len(payload) if isinstance(payload, tuple) else 1
            return lambda: Signal(*[object] * count)
