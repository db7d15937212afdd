"""What a search recommends is what its recipe makes."""

from __future__ import annotations

from pathlib import Path

from core.datasets.open import open_dataset
from core.inference.limited import LimitedDetector
from core.models.importing import import_model
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.quantizing import quantize
from core.optimize.recipe import RECIPE_FILE
from core.optimize.statistics_cache import StatisticsCache
from core.search.local import LocalWorkshop
from core.search.search import Search
from core.search.settings import SearchSettings
from tests.support import models
from tests.support.images import write_images
from tests.support.searches import MadeUpWorkshop, begun, say_nothing

PLAN = QuantizationPlan(subset_size=4, preset="mixed")


def test_the_choice_is_made_by_itself(tmp_path: Path) -> None:
    workshop = MadeUpWorkshop()
    found = Search(begun(), tmp_path, workshop, say_nothing).run()
    chosen = {found.choice.recommended, found.choice.best_int8}
    expected = {one.model for one in found.candidates if one.id in chosen and one.plan is not None}
    assert sorted(workshop.made_alone) == sorted(expected)


class Otherwise(MadeUpWorkshop):
    """By itself the plan that was chosen first is another one, and keeps too little."""

    def alone(self, model: str, plan: QuantizationPlan) -> bool:
        super().alone(model, plan)
        first = len(self.made_alone) == 1
        if first:
            self.plans[model] = QuantizationPlan()
        return first


def test_what_is_another_network_by_itself_is_judged_anew(tmp_path: Path) -> None:
    workshop = Otherwise()
    found = Search(begun(), tmp_path, workshop, say_nothing).run()
    first, *others = workshop.made_alone
    again = [one for one in found.candidates if one.model == first]
    assert {one.accuracy_kept for one in again} == {0.4}
    assert all(one.speed is not None for one in again)
    chosen = found.candidate(found.choice.best_int8)
    assert chosen is not None
    assert chosen.model != first
    assert chosen.model in others, "and that one is made by itself, too"


def test_a_model_is_replaced_where_shared_statistics_made_another_one(tmp_path: Path) -> None:
    stored = import_model(models.save(models.yolox(), tmp_path, "yolox", models.CLASSES), tmp_path)
    dataset = open_dataset(write_images(tmp_path / "images", 4))
    others = open_dataset(write_images(tmp_path / "others", 4, first=20))
    shared = StatisticsCache()
    quantize(stored.xml, stored.card.detector, others, PLAN, nothing, shared)
    with LimitedDetector() as limited:
        workshop = LocalWorkshop(
            stored, dataset, dataset, tmp_path, SearchSettings(), nothing, limited, _known=shared
        )
        made = workshop.quantize("plan-02-f32", PLAN)
        assert workshop.alone(made.model, PLAN)
        assert not workshop.alone(made.model, PLAN), "it is what the plan makes"
        plain = quantize(stored.xml, stored.card.detector, dataset, PLAN, nothing)
        same = workshop.shelved("plan-03-f32", plain, PLAN)
        workshop.close()
    hashes = [load_stored(tmp_path / one.model).card.weights_sha256 for one in (made, same)]
    assert hashes[0] == hashes[1]
    assert ((tmp_path / made.model).parent / RECIPE_FILE).is_file()


def nothing(stage: str, done: int, total: int | None) -> None:
    del stage, done, total
