"""Which class of a model each class of a dataset is: guessed by name, open to overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.datasets.synonyms import GROUPS, meanings, singular, squeezed
from core.errors import InputError
from core.values import Stored, Value

UNMAPPED = -1


class MappedClass(Value):
    """One class of a dataset.

    Attributes:
        dataset_class: its name.
        model_class: the model's class that counts as the same; None if there is none.
        reason: a clause that says why, such as ``same name``; ``chosen by you``.
    """

    dataset_class: str
    model_class: str | None
    reason: str


class ClassMapping(Stored):
    """The classes of a dataset, in its order, each with its class of the model.

    Several may have the same one: car, bus and truck are all vehicles to a model that knows
    nothing finer.
    """

    classes: tuple[MappedClass, ...]
    model_classes: tuple[str, ...]

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Classes of the dataset that the model does not know; they are left out of evaluation."""
        return tuple(one.dataset_class for one in self.classes if one.model_class is None)

    def changed(self, dataset_class: str, model_class: str | None) -> ClassMapping:
        """A mapping with this class mapped as the user wants; raises ValueError if unknown."""
        if model_class is not None and model_class not in self.model_classes:
            raise ValueError(f"the model has no class {model_class}")
        if all(one.dataset_class != dataset_class for one in self.classes):
            raise ValueError(f"the dataset has no class {dataset_class}")
        chosen = MappedClass(
            dataset_class=dataset_class, model_class=model_class, reason="chosen by you"
        )
        classes = tuple(chosen if c.dataset_class == dataset_class else c for c in self.classes)
        return ClassMapping(classes=classes, model_classes=self.model_classes)

    def changed_by(self, wanted: Mapping[str, str | None]) -> ClassMapping:
        """A mapping with these classes mapped as the user wants; raises InputError if unknown."""
        changed = self
        for name, model_class in wanted.items():
            try:
                changed = changed.changed(name, model_class)
            except ValueError as error:
                raise InputError(
                    f"'{name}' cannot be mapped to '{model_class or ''}': {error}.",
                    f"The dataset's classes are {_some(c.dataset_class for c in self.classes)}; "
                    f"the model's are {_some(self.model_classes)}.",
                ) from error
        return changed

    def model_ids(self, class_names: Sequence[str]) -> NDArray[np.int32]:
        """Int32 ``[C]``: for each of a dataset's class names the model's class id, or -1."""
        ids = {name: number for number, name in reversed(list(enumerate(self.model_classes)))}
        mapped = {c.dataset_class: c.model_class for c in self.classes}
        names = (mapped.get(name) for name in class_names)
        return np.array([UNMAPPED if n is None else ids[n] for n in names], np.int32).reshape(-1)


def map_classes(dataset_classes: Sequence[str], model_classes: Sequence[str]) -> ClassMapping:
    """The best guess. Tried in turn, for each class of the dataset: the same name; the same but
    for case, spaces and plural; a synonym; the model's class for a whole group of classes.
    """
    finder = _Finder(model_classes)
    classes = []
    for name in dict.fromkeys(dataset_classes):
        model_class, reason = finder.find(name)
        classes.append(MappedClass(dataset_class=name, model_class=model_class, reason=reason))
    return ClassMapping(classes=tuple(classes), model_classes=tuple(model_classes))


class _Finder:
    def __init__(self, model_classes: Sequence[str]) -> None:
        backwards = list(reversed(model_classes))  # of equal names the first one is kept
        self._exact = set(model_classes)
        self._squeezed = {squeezed(name): name for name in backwards}
        self._singular = {singular(name): name for name in backwards}
        known = meanings()
        self._meant = {known[singular(n)]: n for n in backwards if singular(n) in known}
        self._groups = {
            singular(member): name
            for name in backwards
            for member in GROUPS.get(name.casefold(), GROUPS.get(singular(name), ()))
        }

    def find(self, name: str) -> tuple[str | None, str]:
        """The model's class and why, or None and why not."""
        if name in self._exact:
            return name, "same name"
        if (found := self._squeezed.get(squeezed(name))) is not None and squeezed(name):
            return found, "same name except for case and spaces"
        if (found := self._singular.get(singular(name))) is not None and singular(name):
            return found, "singular and plural of one name"
        meaning = meanings().get(singular(name))
        if meaning is not None and (found := self._meant.get(meaning)) is not None:
            return found, "synonym"
        for member in (singular(name), singular(meaning) if meaning else ""):
            if member and (found := self._groups.get(member)) is not None:
                return found, f"a kind of {found}"
        return None, "the model has no class of this name"


def _some(names: Iterable[str], most: int = 20) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
