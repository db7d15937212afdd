"""Where the models of a search's candidates lie, each in a folder that appears whole or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.folders import make_work_folder, publish
from core.models.detector import Detector
from core.models.plan import QuantizationPlan
from core.models.sources import safe_name
from core.models.stored import CARD_SUFFIX, ModelCard, StoredModel, store_model
from core.optimize.recipe import write_recipe
from core.search.candidates import CANDIDATES
from core.search.workshop import Made
from core.values import write_json

if TYPE_CHECKING:
    import openvino as ov

    from core.optimize.quantizing import Ingredients


@dataclass(frozen=True)
class Shelf:
    """The candidates of one parent, below a search's folder."""

    parent: StoredModel
    folder: Path

    def store(
        self,
        identity: str,
        model: ov.Model,
        detector: Detector | None = None,
        plan: QuantizationPlan | None = None,
        made_of: Ingredients | None = None,
    ) -> Made:
        """Store a network; without a `detector` it is used as its parent is."""
        with self._appearing(identity) as xml:
            stored = store_model(
                model,
                xml,
                name=self._name(identity),
                source=self.parent.card.source,
                framework="openvino",
                detector=detector or self.parent.card.detector,
                plan=plan,
            )
            if plan is not None and made_of is not None:
                write_recipe(xml, stored.card.detector, plan, made_of)
        return self._made(identity)

    def adopt(self, identity: str, network: Path, card: ModelCard, made_of: Ingredients) -> Made:
        """Store what another machine made by a plan: `network` is the IR, whose files are moved."""
        with self._appearing(identity) as xml:
            own = replace(card, name=self._name(identity), source=self.parent.card.source)
            for suffix in (".xml", ".bin"):
                shutil.move(network.with_suffix(suffix), xml.with_suffix(suffix))
            write_json(xml.with_suffix(CARD_SUFFIX), own)
            assert own.plan is not None
            write_recipe(xml, own.detector, own.plan, made_of)
        return self._made(identity)

    @contextmanager
    def _appearing(self, identity: str) -> Iterator[Path]:
        """Where its IR is to be written: when the context ends, the folder is there."""
        destination = self.folder / CANDIDATES / identity
        shutil.rmtree(destination, ignore_errors=True)  # of a search that ended before its record
        work = make_work_folder(destination)
        try:
            yield work / self._file(identity)
            publish(work, destination)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _made(self, identity: str) -> Made:
        path = self.folder / CANDIDATES / identity / self._file(identity)
        return Made(model=path.relative_to(self.folder).as_posix(), size_bytes=size_of(path))

    def _name(self, identity: str) -> str:
        return f"{self.parent.card.name}-{identity.removesuffix('-f32')}"

    def _file(self, identity: str) -> str:
        return f"{safe_name(self._name(identity))}.xml"


def size_of(xml: Path) -> int:
    """The bytes of a graph and its weights."""
    return xml.stat().st_size + xml.with_suffix(".bin").stat().st_size
