"""The command ``scorecard``: where the models of a workspace stand."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.cli.workspaces import add_workspace, existing_project, existing_workspace
from core.errors import InputError
from core.scorecard.score import Score, Scorecard
from core.scorecard.service import Family, families, family_of, scorecard_of
from core.values import Plain, to_json, to_plain, write_bytes_whole
from core.wording.judged import kept_text, verdict_word
from core.wording.leaderboard import leaderboard_csv, plan_text
from core.wording.scorecard import Cell, rows, speed_up_text, verdict_text

SUFFIXES = (".csv", ".json")


@dataclass(frozen=True)
class Scored:
    """The families of a workspace, or one of them; the scorecard of the project that was named."""

    workspace: Path
    families: tuple[Family, ...]
    card: Scorecard | None = None
    output: Path | None = None


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """Which project of which workspace, into which file."""
    sub.add_argument(
        "project", nargs="?", type=int, help="number of a project; without it, all are listed"
    )
    add_workspace(sub)
    sub.add_argument("--output", type=Path, metavar="FILE", help="output file: .csv or .json")


def score(run: RunJob, options: argparse.Namespace) -> Scored:
    """What is known of the models, read from what is stored."""
    output: Path | None = options.output
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{output} must end in one of {', '.join(SUFFIXES)}.", "Give the file another name."
        )
    workspace = existing_workspace(options.workspace)
    if options.project is None:
        done = Scored(workspace.root, families(workspace), output=output)
    else:
        project = existing_project(workspace, options.project)
        family = family_of(workspace, project.id)
        card = scorecard_of(family, project.id)
        done = Scored(workspace.root, (family,), card, output)
    if output is not None:
        everyone = [one for family in done.families for one in family]
        csv = output.suffix.lower() == ".csv"
        write_bytes_whole(output, leaderboard_csv(everyone) if csv else to_json(plain(done)))
    return done


def render(done: Scored) -> Rendered:
    """The scorecard, and the leaderboard of the family, or of all."""
    parts: list[str | Table] = []
    if done.card is not None:
        parts += _card(done.card)
    for family in done.families:
        titles = (
            "",
            "model",
            "FPS",
            "parent",
            "ratio",
            "ms",
            "MB",
            "verdict",
            "kept",
            "AP",
            "plan",
        )
        numbers = ("FPS", "parent", "ratio", "ms", "MB", "kept", "AP")
        parts.append(Table(titles, [_line(one) for one in family], numbers))
    parts += [problem for family in done.families for one in family for problem in one.problems]
    return parts or ["There is no project yet."]


def plain(done: Scored) -> Plain:
    """The same as JSON has it."""
    return {
        "workspace": str(done.workspace),
        "scorecard": to_plain(done.card),
        "families": [to_plain(family) for family in done.families],
        "output": str(done.output) if done.output else None,
    }


def _card(card: Scorecard) -> list[str | Table]:
    other = card.optimized.name if card.optimized else "not optimized yet"
    lines = [(row.name, *map(_cell, (row.parent, row.optimized, row.change))) for row in rows(card)]
    verdict = verdict_text(card.optimized)
    words = ", ".join(filter(None, (verdict.word, verdict.note)))
    if verdict.name is not None:
        parts = (f"{cell.text} {cell.note}" for cell in (verdict.kept, verdict.changed))
        words += f": {'; '.join(parts)}."
    return [Table(("", card.parent.name, other, ""), lines), words]


def _cell(cell: Cell) -> str:
    return f"{cell.text} ({cell.note})" if cell.note else cell.text


def _line(one: Score) -> tuple[str, ...]:
    speed, parent = one.speed, one.parent_speed
    return (
        str(one.project_id),
        one.title,
        f"{speed.fps:.1f}" if speed else "–",
        f"{parent.fps:.1f}" if parent else "–",
        speed_up_text(one),
        f"{speed.latency_ms:.2f}" if speed else "–",
        f"{one.size_bytes / 1e6:.2f}" if one.size_bytes is not None else "–",
        verdict_word(one, one.judged) if one.judged else "–",
        kept_text(one.judged),
        f"{one.ap.ap:.3f}" if one.ap else "–",
        plan_text(one) or one.state.replace("_", " "),
    )


SCORECARD = Command(add_arguments, score, render, "scorecard 2 --workspace DIR", plain)
