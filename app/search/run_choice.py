"""One choice of how the model that a search recommends is to run: device and precision."""

from __future__ import annotations

from typing import Any, cast

from app.reports.run_choice import PRECISION_HINTS, WaysToRun
from core.inference.words import HINTS
from core.search.settings import SearchSettings


class SearchRunChoice(WaysToRun):
    """`settings` has the device that speed is measured on, and the precision, if one is chosen."""

    @property
    def settings(self) -> SearchSettings:
        """What is chosen; all else is as usual."""
        return cast(SearchSettings, self.currentData())

    def _offered(self) -> dict[Any, str]:
        offered = {
            SearchSettings(device=self._own): f"The better of true f32 and default: {self._own}"
        }
        for device, title in self._devices:
            named = f"{device} ({title})"
            for hint in PRECISION_HINTS:
                settings = SearchSettings(device=device, precision_hint=hint)
                offered[settings] = f"{named}, {HINTS[hint]}"
            better = f"The better of true f32 and default: {named}"
            offered.setdefault(SearchSettings(device=device), better)
        return offered
