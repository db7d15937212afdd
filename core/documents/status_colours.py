"""The one set of colours of verdicts and of what became of a box: window, HTML and PDF.

Statuses are of the Okabe-Ito palette, told apart with any colour vision; lines and words say the
same once more. Verdicts are dark enough to be read as words on white.
"""

from __future__ import annotations

VERDICTS = {"safe": "#00694d", "check": "#8a5a00", "not_safe": "#b3261e"}

MATCHED, MISSED, EXTRA = "#009e73", "#e69f00", "#56b4e9"
CLASS_CHANGED, SHIFTED, DRIFTED = "#cc79a7", "#d55e00", "#f0e442"
