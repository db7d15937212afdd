"""The look: one Fusion style, a light and a dark palette of our own, and spacing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

Theme = Literal["system", "light", "dark"]

GAP = 12  # pixels between things that belong together
MARGIN = 20  # pixels around a page
_ICONS = Path(__file__).parent.parent.parent / "resources" / "icons"
FIELD_HEIGHT = 28  # pixels of a spin box: that of the buttons and lines beside it

# Role: light, dark. Everything else on screen is derived from these by Qt.
_COLOURS: dict[QPalette.ColorRole, tuple[str, str]] = {
    QPalette.ColorRole.Window: ("#f4f5f7", "#1e2126"),
    QPalette.ColorRole.WindowText: ("#1c1f24", "#e6e8eb"),
    QPalette.ColorRole.Base: ("#ffffff", "#272b31"),
    QPalette.ColorRole.AlternateBase: ("#f7f8fa", "#2c3138"),
    QPalette.ColorRole.Text: ("#1c1f24", "#e6e8eb"),
    QPalette.ColorRole.PlaceholderText: ("#737a85", "#9199a5"),
    QPalette.ColorRole.Button: ("#ffffff", "#31363e"),
    QPalette.ColorRole.ButtonText: ("#1c1f24", "#e6e8eb"),
    QPalette.ColorRole.BrightText: ("#b3261e", "#ff8a80"),
    QPalette.ColorRole.Highlight: ("#0b63ce", "#2f81e8"),
    QPalette.ColorRole.HighlightedText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Link: ("#0b63ce", "#6fb1ff"),
    QPalette.ColorRole.Mid: ("#d5d9df", "#3d434c"),
    QPalette.ColorRole.Midlight: ("#e6e9ed", "#343a42"),
    QPalette.ColorRole.Dark: ("#aab1bb", "#525a65"),
    QPalette.ColorRole.ToolTipBase: ("#ffffff", "#31363e"),
    QPalette.ColorRole.ToolTipText: ("#1c1f24", "#e6e8eb"),
}
_DISABLED = ("#8d949e", "#737b86")
_DISABLED_ROLES = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)

# Verdicts, as (light, dark); always with a word beside them, never colour alone.
VERDICT_COLOURS = {
    "safe": ("#00694d", "#4fd1a5"),
    "check": ("#8a5a00", "#f0b94d"),
    "not_safe": ("#b3261e", "#ff8a80"),
}

_STYLE = """
#card {{ background: {base}; border: 1px solid {mid}; border-radius: 8px; }}
#card QLabel {{ background: transparent; }}
#toast, #failure {{ background: {base}; border: 1px solid {dark};
  border-left: 4px solid {highlight};
  border-top-right-radius: 6px; border-bottom-right-radius: 6px; }}
#failure {{ border-left-color: {bright}; }}
#drophint {{ background: {midlight}; border: 3px dashed {highlight}; border-radius: 10px; }}
#tile, #clickable {{ background: {base}; border: 1px solid {mid}; border-radius: 6px; }}
#clickable:hover, #clickable:focus {{ border: 1px solid {highlight}; }}
#tile QLabel, #clickable QLabel {{ background: transparent; }}
#figure {{ border: 1px solid transparent; border-radius: 6px; background: transparent; }}
#figure[leads="true"]:hover, #figure[leads="true"]:focus {{ border-color: {highlight}; }}
QPushButton#view_segment, QPushButton#last_view_segment {{ padding: 4px 12px; border-radius: 0; }}
QPushButton#view_segment {{ border-right: none; }}
QPushButton#view_segment:checked, QPushButton#last_view_segment:checked {{
  background: {highlight}; color: {highlighted}; }}
QLabel#quiet {{ color: {quiet}; }}
QPushButton {{ padding: 5px 14px; border: 1px solid {dark}; border-radius: 5px;
  background: {button}; }}
QPushButton:hover {{ background: {midlight}; }}
QPushButton:pressed {{ background: {mid}; }}
QPushButton:focus {{ border: 2px solid {highlight}; padding: 4px 13px; }}
QPushButton:disabled {{ color: {disabled}; border-color: {mid}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton#primary {{ background: {highlight}; color: {highlighted}; border-color: {highlight};
  font-weight: 600; }}
QPushButton#primary:hover {{ background: {primary_hover}; }}
QPushButton#primary:focus {{ border: 2px solid {text}; }}
QPushButton#primary:disabled {{ background: {mid}; color: {disabled}; border-color: {mid}; }}
QPushButton#flat {{ border: none; background: transparent; padding: 4px 8px; color: {link}; }}
QPushButton#flat:hover {{ text-decoration: underline; }}
QPushButton#segment, QPushButton#next_segment {{ border-radius: 0; min-width: 110px; }}
QPushButton#next_segment {{ border-left: none; }}
QPushButton#segment:checked, QPushButton#next_segment:checked {{ background: {highlight};
  color: {highlighted}; border-color: {highlight}; }}
QPushButton#choice {{ padding: 4px 22px 4px 8px; text-align: left; }}
QPushButton#choice:focus {{ padding: 3px 21px 3px 7px; }}
QPushButton#choice::menu-indicator {{ subcontrol-position: right center; right: 7px; }}
QToolButton#fold {{ border: none; padding: 3px 4px 3px 0; font-weight: 600;
  background: transparent; }}
QToolButton#fold:hover, QToolButton#fold:focus {{ color: {link}; }}
#sidebar {{ border-right: 1px solid {mid}; }}
#jobbar {{ border-top: 1px solid {mid}; }}
QDockWidget::title {{ padding: 4px 12px; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {mid}; }}
QSplitter::handle {{ background: transparent; image: none; }}
QTabBar::tab {{ padding: 9px 18px; border: none; border-bottom: 3px solid transparent;
  background: transparent; color: {quiet}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 3px solid {highlight}; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:focus {{ color: {link}; }}
QTreeView {{ border: none; background: {window}; outline: none; }}
QTreeView::branch:has-children:open {{ image: url("{icons}/branch-open.svg"); }}
QTreeView::branch:has-children:open:selected {{
  image: url("{icons}/branch-open-selected.svg"); }}
QTreeView::branch:has-children:closed {{ image: url("{icons}/branch-closed.svg"); }}
QTreeView::branch:has-children:closed:selected {{
  image: url("{icons}/branch-closed-selected.svg"); }}
QTreeView::item {{ padding: 5px 4px; }}
QTreeView::item:hover {{ background: {midlight}; }}
QTreeView::item:selected {{ background: {highlight}; color: {highlighted}; }}
WholeRowsView::item {{ padding: 0 5px; }}
QTableView {{ border: 1px solid {mid}; gridline-color: {midlight}; }}
QHeaderView::section {{ background: {window}; border: none; border-bottom: 1px solid {mid};
  border-right: 1px solid {midlight}; padding: 6px 8px; font-weight: 600; }}
QComboBox {{ combobox-popup: 0; padding: 2px 4px 2px 8px; border: 1px solid {dark};
  border-radius: 5px; background: {button}; }}
QComboBox:hover {{ background: {midlight}; }}
QComboBox:focus {{ border-color: {highlight}; }}
QComboBox:disabled {{ color: {disabled}; border-color: {mid}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{icons}/down.svg"); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{ border: 1px solid {dark}; background: {base};
  selection-background-color: {highlight}; selection-color: {highlighted}; }}
QComboBox QAbstractItemView::item {{ padding: 3px 6px; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {dark}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ border: none; border-radius: 4px; background: {mid}; max-height: 8px; }}
QProgressBar::chunk {{ border-radius: 4px; background: {highlight}; }}
QLineEdit, QAbstractSpinBox {{ border: 1px solid {dark}; border-radius: 5px; background: {base}; }}
QLineEdit {{ padding: 4px 6px; }}
QLineEdit:focus, QAbstractSpinBox:focus {{ border-color: {highlight}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled {{ color: {disabled}; border-color: {mid}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0;
  background: transparent; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 18px;
  subcontrol-origin: border; background: transparent; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{
  background: {midlight}; }}
QAbstractSpinBox::up-arrow {{ image: url("{icons}/up.svg"); width: 9px; height: 9px; }}
QAbstractSpinBox::down-arrow {{ image: url("{icons}/down.svg"); width: 9px; height: 9px; }}
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::down-arrow:disabled {{ image: none; }}
QPlainTextEdit, QTextEdit, QListView, QListWidget {{ border: 1px solid {mid}; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {highlight}; }}
QListWidget::item {{ padding: 2px 0; }}
QCheckBox::indicator, QAbstractItemView::indicator {{ width: 12px; height: 12px;
  border-radius: 3px; background: {base}; border: 1px solid {quiet}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {highlight};
  border-color: {highlight}; image: url("{icons}/tick.svg"); }}
QCheckBox::indicator:disabled {{ border-color: {mid}; background: {window}; }}
QCheckBox::indicator:checked:disabled {{ background: {disabled}; }}
QCheckBox::indicator:focus {{ border-color: {link}; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border-radius: 7px; background: {base};
  border: 1px solid {quiet}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {highlight};
  background: {highlighted}; }}
QRadioButton::indicator:focus, QRadioButton:focus {{ color: {link}; }}
#toolrow {{ border: none; background: transparent; padding: 0; }}
#toolrow #qt_toolbar_ext_button {{ padding: 0; border: none; }}
#toolrow QToolButton {{ padding: 3px 6px; border: 1px solid {dark}; border-radius: 5px;
  background: {button}; }}
#toolrow QToolButton[popupMode="1"] {{ padding-right: 22px; }}
#toolrow QToolButton::menu-button {{ border: none; border-left: 1px solid {mid}; width: 16px; }}
#toolrow QToolButton:hover {{ background: {midlight}; }}
#toolrow QToolButton:pressed {{ background: {mid}; }}
#toolrow QToolButton:focus {{ border-color: {highlight}; }}
#toolrow QToolButton:disabled {{ color: {disabled}; border-color: {mid}; }}
#toolrow QToolButton:checked {{ background: {midlight}; color: {link};
  border-color: {highlight}; }}
#toolrow QToolButton:checked:focus {{ border-color: {text}; }}
QToolTip {{ border: 1px solid {mid}; padding: 4px; }}
"""


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole program its look."""
    dark = is_dark_wanted(theme)
    application.setStyle("Fusion")
    palette = _palette(dark)
    application.setPalette(palette)
    application.setStyleSheet(_style(palette))


def is_dark_wanted(theme: Theme) -> bool:
    """Whether this choice means dark, asking the system if it is the system's."""
    if theme == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return theme == "dark"


def is_dark(palette: QPalette) -> bool:
    """Whether a palette is a dark one."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def verdict_colour(palette: QPalette, verdict: str) -> QColor:
    """The colour of a verdict that is readable on this palette."""
    return QColor(VERDICT_COLOURS[verdict][is_dark(palette)])


def heading_font(points_more: float = 4.0) -> QFont:
    """The program's font, larger and bolder."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(font.pointSizeF() + points_more)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _palette(dark: bool) -> QPalette:
    palette = QPalette()
    for role, colours in _COLOURS.items():
        palette.setColor(role, QColor(colours[dark]))
    for role in _DISABLED_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[dark]))
    return palette


def _style(palette: QPalette) -> str:
    def name(role: QPalette.ColorRole) -> str:
        return palette.color(role).name()

    role = QPalette.ColorRole
    return _STYLE.format(
        base=name(role.Base),
        window=name(role.Window),
        text=name(role.WindowText),
        quiet=name(role.PlaceholderText),
        button=name(role.Button),
        mid=name(role.Mid),
        midlight=name(role.Midlight),
        dark=name(role.Dark),
        highlight=name(role.Highlight),
        highlighted=name(role.HighlightedText),
        primary_hover=palette.color(role.Highlight).darker(112).name(),
        link=name(role.Link),
        bright=name(role.BrightText),
        icons=_ICONS.as_posix(),
        disabled=palette.color(QPalette.ColorGroup.Disabled, role.ButtonText).name(),
    )
