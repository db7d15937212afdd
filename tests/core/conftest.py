"""A workspace with a small project in it, made once by real jobs and copied for each test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.workspace.projects import model_of
from core.workspace.store import Project, Workspace
from tests.support import models
from tests.support.images import write_images
from tests.support.jobs import run


@dataclass(frozen=True)
class Made:
    """A workspace with a parent and its optimized project, and what they were made of.

    `int8` is the model of the optimized one where it was made first, which commands of several
    tests examine once, as they do `model`; no test changes either.
    """

    workspace: Workspace
    model: Path
    images: Path
    int8: Path

    @property
    def root(self) -> Path:
        return self.workspace.root

    @property
    def parent(self) -> Project:
        return self.workspace.projects()[0]

    @property
    def optimized(self) -> Project:
        return self.workspace.projects()[1]


@pytest.fixture(scope="session")
def first_made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    images = write_images(folder / "images", 6)
    model = models.save(models.ssd(), folder / "model", "ssd", models.CLASSES)
    workspace = Workspace(folder / "workspace")
    imported = run(workspace, plan_import(workspace, model, images))
    assert imported.end.project_id is not None, imported.end.outcome.error
    job = plan_optimize(workspace, imported.end.project_id, images, QuantizationPlan())
    optimized = run(workspace, job)
    assert optimized.end.project_id is not None, optimized.end.outcome.error
    return Made(workspace, model, images, model_of(workspace.project(optimized.end.project_id)))


@pytest.fixture
def made(first_made: Made, tmp_path: Path) -> Made:
    """A copy that the test may do with as it likes; the models and images are shared."""
    root = tmp_path / "workspace"
    shutil.copytree(first_made.root, root)
    return replace(first_made, workspace=Workspace(root))
