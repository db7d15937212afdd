"""The menu bar of the window."""

from __future__ import annotations

from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from app.kit.theme import apply_theme
from app.shell.asking import Asking
from app.shell.notices import open_path
from app.shell.parts import Parts
from app.shell.settings import THEMES
from app.transfer.menu import TransferMenu


class Menus:
    """File, View and Help."""

    def __init__(self, window: QMainWindow, parts: Parts, asking: Asking) -> None:
        self._parts = parts
        self._asking = asking
        bar = window.menuBar()
        self.transfer = self._file(window, bar.addMenu("&File"))
        self._themes = QActionGroup(window)
        self._view(bar.addMenu("&View"))
        help_menu = bar.addMenu("&Help")
        help_menu.addAction("&Log of the last job", self.open_log)
        help_menu.addAction("&About", asking.tell_about)

    def open_log(self) -> None:
        """What the last job wrote."""
        open_path(self._parts.session.log)

    def _file(self, window: QMainWindow, menu: QMenu) -> TransferMenu:
        asking, session = self._asking, self._parts.session
        new = menu.addAction("&New project…", self._on_new_project)
        new.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        menu.addAction("Open Model Zoo &catalogue…", asking.for_catalogue_model)
        menu.addAction("Open the &sample project", session.open_sample)
        menu.addAction("Create a &dataset…", self._on_new_dataset)
        menu.addAction("&Start page", self._on_start_page)
        menu.addSeparator()
        transfer = TransferMenu(window, self._parts.transfer, menu)
        menu.addSeparator()
        menu.addAction("Open the &workspace folder", self._on_workspace)
        menu.addSeparator()
        leave = menu.addAction("&Quit", window.close)
        leave.setShortcut(QKeySequence(QKeySequence.StandardKey.Quit))
        return transfer

    def _view(self, menu: QMenu) -> None:
        for theme in THEMES:
            action = menu.addAction(f"{theme.capitalize()} theme")
            action.setCheckable(True)
            action.setData(theme)
            action.setChecked(theme == self._parts.settings.theme)
            self._themes.addAction(action)
        self._themes.triggered.connect(self._on_theme_chosen)

    def _on_new_project(self) -> None:
        self._asking.for_project()

    def _on_new_dataset(self) -> None:
        self._asking.for_dataset()

    def _on_start_page(self) -> None:
        self._parts.session.select_project(None)

    def _on_workspace(self) -> None:
        open_path(self._parts.workspace.root)

    def _on_theme_chosen(self) -> None:
        theme = self._themes.checkedAction().data()
        self._parts.settings.theme = theme
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, theme)
            self._parts.session.refresh()
