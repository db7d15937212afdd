"""The next step: what to do now, and how far a chain of jobs is."""

from __future__ import annotations

from app.kit.boxes import across
from app.kit.signals import Sends
from app.kit.widgets import Card, button, label, reserved
from app.next_step import Action, NextStep
from app.project.chains import ChainState

_GOING = "{steps}\nStep {number} of {count}: see Jobs below."
_STOPPED = "{steps}\nStopped at step {number} of {count}, {title}: {why} {text}"
_DONE, _HERE, _OPEN, _STOPPED_HERE = "✓", "●", "○", "✕"


class NextCard(Card):
    """A sentence and its buttons."""

    wanted = Sends[Action]()

    def __init__(self) -> None:
        super().__init__("Next step")
        self._step = NextStep("")
        self.text = reserved(label(), lines=2)
        self.second = button("")
        self.button = button("", primary=True)
        self.second.clicked.connect(self._on_second_clicked)
        self.button.clicked.connect(self._on_clicked)
        self.box.addLayout(across((self.text, 1), self.second, self.button))

    def show_step(self, step: NextStep, chain: ChainState | None) -> None:
        """Show a step; while a chain goes on, how far it is instead."""
        going = chain is not None and not chain.stopped
        self._step = NextStep("") if going else step
        self.text.setText(_chain_text(chain, step) if chain else step.text)
        for made, text in (
            (self.button, self._step.button),
            (self.second, self._step.second_button),
        ):
            made.setText(text)
            made.setVisible(bool(text))

    def _on_clicked(self) -> None:
        self.wanted.emit(self._step.action)

    def _on_second_clicked(self) -> None:
        self.wanted.emit(self._step.second)


def _chain_text(chain: ChainState, step: NextStep) -> str:
    part = chain.part
    here = _STOPPED_HERE if chain.stopped else _HERE
    signs = [_DONE] * part.number + [here] + [_OPEN] * len(part.titles)
    steps = "     ".join(f"{sign} {title}" for sign, title in zip(signs, part.titles, strict=False))
    facts = {"steps": steps, "number": part.number + 1, "count": len(part.titles)}
    if not chain.stopped:
        return _GOING.format(**facts)
    why = chain.stopped if chain.stopped.endswith(".") else f"{chain.stopped}."
    return _STOPPED.format(**facts, title=chain.title.lower(), why=why, text=step.text)
