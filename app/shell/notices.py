"""What the user is told lies over the content, at its lower right, and moves nothing.

Failures stay until they are closed; what is harmless goes after a while in which the user was
there to read it. Types of Qt that only a message needs are named where it is made: each takes its
time at the start.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from app.kit.boxes import across, down
from app.kit.notice import Notice
from app.kit.signals import Sends
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label

MOST = 3  # shown at once; the others wait until one is closed
WIDTH = 460  # pixels
SECONDS = 12.0  # that a harmless one is shown for
_TICK_MS = 500


class Toast(QFrame):
    """One notice with what can be done about it."""

    closed = Sends["Toast"]()
    open_requested = Sends[Path]()
    log_requested = Sends[Path]()
    undo_requested = Sends[int]()

    def __init__(self, notice: Notice, seconds: float) -> None:
        from PySide6.QtWidgets import QStyle

        super().__init__()
        self.notice = notice
        self.seconds_left = seconds
        self.setObjectName("failure" if notice.failed else "toast")
        self.setAccessibleName(f"Message: {notice.text}")
        kind = "SP_MessageBoxWarning" if notice.failed else "SP_MessageBoxInformation"
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        icon = label(wrap=False)
        picture = self.style().standardIcon(QStyle.StandardPixmap[kind])
        icon.setPixmap(picture.pixmap(size, size))
        icon.setAccessibleName("Problem" if notice.failed else "Note")
        self.text = label(notice.text, selectable=True)
        self.text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.buttons = [button("Close")]
        self.buttons[0].clicked.connect(self._on_close_clicked)
        for path, title, signal in (
            (notice.log, "Log", self.log_requested),
            (notice.made, "Open", self.open_requested),
        ):
            if path is not None:
                opens = button(title)
                opens.clicked.connect(partial(signal.emit, path))
                self.buttons.insert(0, opens)
        if notice.undo is not None:
            undo = button("Undo")
            undo.clicked.connect(self._on_undo_clicked)
            self.buttons.insert(0, undo)
        top = Qt.AlignmentFlag.AlignTop
        body = down((self.text, 1), across(1, *self.buttons, spacing=6), spacing=6)
        across((icon, 0, top), body, spacing=GAP, margins=GAP, on=self)

    @property
    def lasting(self) -> bool:
        """Whether it stays until it is closed."""
        return self.notice.failed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit(self)
        else:
            super().keyPressEvent(event)

    def _on_undo_clicked(self) -> None:
        if self.notice.undo is not None:
            self.undo_requested.emit(self.notice.undo)
        self.closed.emit(self)

    def _on_close_clicked(self) -> None:
        self.closed.emit(self)


class Toasts(QWidget):
    """The notices that are shown, the newest below, over `host`, within whose edges they stay."""

    log_requested = Sends[Path]()
    undo_requested = Sends[int]()

    def __init__(self, host: QWidget, seconds: float = SECONDS) -> None:
        super().__init__(host)
        self.seconds = seconds
        self._waiting: deque[Notice] = deque()
        self._toasts: list[Toast] = []
        self._gone: deque[Notice] = deque(maxlen=MOST)  # by themselves, maybe unread
        self._came_from: QWidget | None = None
        self._more = button("")
        self._more.clicked.connect(self.clear)
        self._more.hide()
        self._box = down(across(1, self._more), spacing=6, margins=0, on=self)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self.setAccessibleName("Messages")
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is shown, and what waits for its place."""
        return (*(toast.notice for toast in self._toasts), *self._waiting)

    @property
    def said(self) -> str:
        """Their sentences, a line each."""
        return "\n".join(notice.text for notice in self.notices)

    def show_notice(self, notice: Notice) -> None:
        """Tell the user."""
        if notice not in self.notices:
            self._waiting.append(notice)
            self._fill()

    def clear(self) -> None:
        """Close all of them."""
        self._waiting.clear()
        for toast in tuple(self._toasts):
            self._close(toast)

    def take_focus(self) -> None:
        """Go to the newest one by keyboard; from its buttons Escape leads back.

        Where none is shown, the last ones that went by themselves come back.
        """
        if not self._toasts:
            self._waiting.extend(self._gone)
            self._gone.clear()
            self._fill()
        if self._toasts:
            self._came_from = QApplication.focusWidget()
            self._toasts[-1].buttons[-1].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _fill(self) -> None:
        while self._waiting and len(self._toasts) < MOST:
            toast = Toast(self._waiting.popleft(), self.seconds)
            toast.closed.connect(self._close)
            toast.log_requested.connect(self.log_requested.emit)
            toast.open_requested.connect(open_path)
            toast.undo_requested.connect(self.undo_requested.emit)
            self._toasts.append(toast)
            self._box.addWidget(toast)
            toast.show()
            _announce(toast)
        count = len(self._toasts) + len(self._waiting)
        self._more.setVisible(count > 1)
        more = f" ({len(self._waiting)} not shown yet)" if self._waiting else ""
        self._more.setText(f"Close all {count}{more}")
        self.setVisible(bool(self._toasts))
        if self._toasts:
            self._timer.start()
            self._place()
        else:
            self._timer.stop()

    def _place(self) -> None:
        host = self.parentWidget()
        if not self._toasts or host is None:
            return
        host.installEventFilter(self)  # not before: Python would be shown its every event
        width = min(WIDTH, host.width() - 2 * MARGIN)
        self._box.activate()
        height = min(self._box.totalHeightForWidth(width), host.height() - 2 * GAP)
        self.setGeometry(host.width() - width - MARGIN, host.height() - height - GAP, width, height)
        self.raise_()

    def _on_tick(self) -> None:
        """Time passes while somebody can read, and does not just do so."""
        focused = QApplication.focusWidget()
        reading = self.underMouse() or (focused is not None and self.isAncestorOf(focused))
        if reading or not self.window().isActiveWindow():
            return
        for toast in tuple(self._toasts):
            if not toast.lasting:
                toast.seconds_left -= _TICK_MS / 1000
                if toast.seconds_left <= 0:
                    self._gone.append(toast.notice)
                    self._close(toast)

    def _close(self, toast: Toast) -> None:
        if toast not in self._toasts:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and toast.isAncestorOf(focused)
        self._toasts.remove(toast)
        if had_focus:
            self._give_focus_on()
        self._box.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self._fill()

    def _give_focus_on(self) -> None:
        target = self._toasts[-1].buttons[-1] if self._toasts else self._came_from
        if target is not None and target.isVisible():
            target.setFocus(Qt.FocusReason.OtherFocusReason)


def _announce(toast: Toast) -> None:
    """Have a screen reader say that it is there."""
    from PySide6.QtGui import QAccessible, QAccessibleEvent

    QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))


def open_path(path: Path) -> None:
    """Open a file or folder with whatever the system opens it with."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
