"""The menu bar of the window: every action with its keys, which other lists are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMainWindow, QMenu

from app.kit.notice import Notice
from app.kit.theme import Theme, apply_theme
from app.next_step import Action as Step
from app.project.navigation import Tab
from app.project_views import ProjectView
from app.shell.asking import Asking
from app.shell.notices import open_path
from app.shell.parts import Parts
from app.shell.project_tree import ProjectTree
from app.shell.settings import THEMES, prefer_workspace, preferred_workspace
from app.transfer.menu import TransferMenu

if TYPE_CHECKING:
    from app.preferences.dialog import Chosen

Action = Callable[[], object]
_TABS: dict[Tab, str] = dict(
    zip(get_args(Tab), ("Project", "Optimize", "Performance", "Accuracy report"), strict=True)
)
_STEPS: dict[str, Step] = {
    "&Optimize and compare": "optimize_and_compare",
    "Run &benchmark": "benchmark",
    "Create &accuracy report": "compare",
}


@dataclass(frozen=True)
class MenuEntry:
    """An action, and the title of the menu that it is in."""

    menu: str
    action: QAction

    @property
    def title(self) -> str:
        """What it does, without the sign of its key."""
        return self.action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


@dataclass(frozen=True)
class Ways:
    """Of the window: to what the user is told, to the jobs panel and back; which tab is shown."""

    messages: Action
    jobs: Action
    current_tab: Callable[[], Tab]


class Menus:
    """File, Project, View and Help."""

    def __init__(
        self, window: QMainWindow, parts: Parts, asking: Asking, tree: ProjectTree, ways: Ways
    ) -> None:
        """`tree` is where the keys of *Rename*, *Delete* and *Undo* count, and has their menu."""
        self._parts = parts
        self._asking = asking
        self._current_tab = ways.current_tab
        self._help_actions: dict[str, Action] = {
            "open": asking.for_file,
            "sample": parts.session.open_sample,
            "preferences": self._on_preferences,
        }
        self._steps: dict[Step, QAction] = {}
        self._of_project: list[QAction] = []
        self._of_model: list[QAction] = []  # of a project whose model is there
        self._shown: ProjectView | None = None
        bar = window.menuBar()
        self._menus: list[QMenu] = []
        file = self._menu(window, "&File")
        self.transfer = self._file(window, file)
        self._project(self._menu(window, "&Project"), tree)
        self._themes = QActionGroup(window)
        self._view(self._menu(window, "&View"), ways)
        self._help(self._menu(window, "&Help"))
        bar.setAccessibleName("Menu")
        parts.session.project_shown.connect(self._on_project_shown)
        self._on_project_shown(None)

    @property
    def entries(self) -> Iterator[MenuEntry]:
        """Everything that the menus offer, in their order."""
        for menu in self._menus:
            for action in menu.actions():
                if not action.isSeparator():
                    yield MenuEntry(menu.title().replace("&", ""), action)

    def open_log(self) -> None:
        """What the last job wrote."""
        self._asking.show_log(self._parts.session.log)

    def _menu(self, window: QMainWindow, title: str) -> QMenu:
        self._menus.append(window.menuBar().addMenu(title))
        return self._menus[-1]

    def _file(self, window: QMainWindow, menu: QMenu) -> TransferMenu:
        asking, session = self._asking, self._parts.session
        keys = QKeySequence.StandardKey
        _add(menu, "&New project…", asking.for_project, keys.New)
        _add(menu, "&Open a model or project file…", asking.for_file, keys.Open)
        _add(menu, "Open Model Zoo &catalogue…", asking.for_catalogue_model)
        _add(menu, "Open the &sample project", session.open_sample)
        _add(menu, "Create a &dataset…", asking.for_dataset)
        menu.addSeparator()
        transfer = TransferMenu(window, self._parts.transfer, menu, asking.open)
        menu.addSeparator()
        _add(menu, "Open the &workspace folder", partial(open_path, self._parts.workspace.root))
        menu.addSeparator()
        _add(menu, "&Machines…", asking.for_machines)
        _add(menu, "Pre&ferences…", self._on_preferences, "Ctrl+,")
        _add(menu, "&Quit", window.close, keys.Quit)
        return transfer

    def _project(self, menu: QMenu, tree: ProjectTree) -> None:
        keys, keeping = QKeySequence.StandardKey, self._parts.keeping
        for title, step in _STEPS.items():
            self._steps[step] = _add(menu, title, partial(self._on_step, step))
        menu.addSeparator()
        rename = _add(menu, "&Rename project", tree.name_selected, "F2")
        duplicate = _add(menu, "D&uplicate project", self._on_duplicate, "Ctrl+D")
        menu.addSeparator()
        folder = _add(menu, "Show model in &folder", self._on_show_folder)
        path = _add(menu, "&Copy path of the model", self._on_copy_path, "Ctrl+Shift+C")
        menu.addSeparator()
        delete = _add(menu, "&Delete project…", self._on_delete, keys.Delete)
        undo = _add(menu, "Undo de&lete", keeping.undo, keys.Undo)
        _add(menu, "&Trash…", self._asking.show_trash)
        for action in (rename, delete, undo):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            tree.addAction(action)
        self._of_project += [rename, delete]
        self._of_model += [duplicate, folder, path]
        transfer = self.transfer
        leaving = (transfer.model, transfer.export, transfer.package)
        tree.set_menu((rename, duplicate, None, folder, path, None, *leaving, None, delete, undo))

    def _view(self, menu: QMenu, ways: Ways) -> None:
        _add(menu, "&Start page", partial(self._parts.session.select_project, None), "Ctrl+0")
        for number, (tab, title) in enumerate(_TABS.items(), start=1):
            show = partial(self._parts.navigation.show_tab.emit, tab)
            self._of_project.append(_add(menu, title, show, f"Ctrl+{number}"))
        menu.addSeparator()
        _add(menu, "&Command palette…", self._on_palette, "Ctrl+K")
        _add(menu, "&Messages", ways.messages, "F8")
        _add(menu, "&Jobs", ways.jobs, "Ctrl+J")
        _add(menu, "&Refresh", self._parts.session.refresh, "F5")
        menu.addSeparator()
        for theme in THEMES:
            action = menu.addAction(f"{theme.capitalize()} theme")
            action.setCheckable(True)
            action.setData(theme)
            action.setChecked(theme == self._parts.settings.theme)
            self._themes.addAction(action)
        self._themes.triggered.connect(self._on_theme_chosen)

    def _help(self, menu: QMenu) -> None:
        _add(menu, "&Help on this page", self._on_help, "F1")
        _add(menu, "&Tutorial", partial(self._asking.show_help, "tutorial", self._help_actions))
        _add(menu, "&Shortcuts…", self._on_shortcuts, "Ctrl+/")
        _add(menu, "&Logs…", self.open_log, "Ctrl+L")
        _add(menu, "Copy &diagnostics…", self._asking.for_diagnostics)
        _add(menu, "&About", self._asking.show_about)

    def _on_project_shown(self, view: ProjectView | None) -> None:
        self._shown = view
        for action in self._of_project:
            action.setEnabled(view is not None)
        for action in self._of_model:
            action.setEnabled(view is not None and view.ready)
        for step, action in self._steps.items():
            action.setEnabled(view is not None and step in view.possible)

    def _on_step(self, step: Step) -> None:
        if self._shown is not None:
            self._parts.project.do(step, self._shown)

    def _on_duplicate(self) -> None:
        self._parts.keeping.duplicate(self._parts.session.selected or 0)

    def _on_show_folder(self) -> None:
        if self._shown is not None and self._shown.project.model is not None:
            open_path(self._shown.project.model.parent)

    def _on_copy_path(self) -> None:
        if self._shown is not None and self._shown.project.model is not None:
            QApplication.clipboard().setText(str(self._shown.project.model))

    def _on_help(self) -> None:
        page = "tutorial" if self._shown is None else self._current_tab()
        self._asking.show_help(page, self._help_actions)

    def _on_preferences(self) -> None:
        self._asking.for_preferences(self._keep_preferences)

    def _keep_preferences(self, chosen: Chosen) -> None:
        from app.shell.proxy import use_proxy
        from core.sizes import prefer

        parts = self._parts
        before = parts.preferred.now
        parts.settings.preferences = chosen.preferences
        use_proxy(chosen.preferences.proxy)
        if chosen.preferences.units != before.units:
            prefer(chosen.preferences.units)
            self._show_sizes_again()
        parts.preferred.changed.emit(chosen.preferences)
        if chosen.theme != parts.settings.theme:
            self.use_theme(chosen.theme)
        if chosen.workspace != preferred_workspace():
            prefer_workspace(chosen.workspace)
            sentence = f"The workspace {chosen.workspace} is opened at the next start."
            parts.notices.post(Notice(sentence))

    def _show_sizes_again(self) -> None:
        """Where they stand in sentences, and in cells, which are written as they are painted."""
        self._parts.session.refresh()
        for one in QApplication.allWidgets():
            if isinstance(one, QAbstractItemView):
                one.viewport().update()

    def _on_delete(self) -> None:
        self._asking.before_deleting(self._parts.session.selected or 0)

    def _on_shortcuts(self) -> None:
        self._asking.show_shortcuts(tuple(self.entries))

    def _on_palette(self) -> None:
        self._asking.for_command(tuple(self.entries))

    def _on_theme_chosen(self) -> None:
        self.use_theme(self._themes.checkedAction().data())

    def use_theme(self, theme: Theme) -> None:
        """Give the program this look, now and at its next start."""
        self._parts.settings.theme = theme
        for action in self._themes.actions():
            action.setChecked(action.data() == theme)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, theme)
            self._parts.session.refresh()


def _add(
    menu: QMenu,
    title: str,
    run: Action,
    key: QKeySequence.StandardKey | str | None = None,
) -> QAction:
    """An entry that calls `run`."""

    def chosen(checked: bool) -> None:
        run()

    action = menu.addAction(title)
    action.triggered.connect(chosen)
    if key is not None:
        action.setShortcut(QKeySequence(key))
    return action
