"""Workspaces whose database says what the program never wrote."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case, looked_at
from tests.hostile.inputs.stored_values import (
    Ask,
    compare_projects,
    export_project,
    list_projects,
    look,
    scorecard,
    work,
)
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked

READERS: tuple[Ask, ...] = (look, work, compare_projects, export_project, list_projects, scorecard)
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, NULL AS"
    " parent_id, 'p' AS name, 'ready' AS state, '' AS message, '' AS owner, 'm' AS model,"
    " 'd' AS dataset, 'CPU' AS device, 'any' AS target, '' AS created, '' AS notes FROM n"
)
STATEMENTS: dict[str, str] = {
    "folder outside": "UPDATE artifacts SET folder = '../victim'",
    "folder outside, absolute": "UPDATE artifacts SET folder = '{victim}'",
    "folder is the workspace": "UPDATE artifacts SET folder = '.'",
    "folder by way of one inside": "UPDATE artifacts SET folder = 'reports/../../victim'",
    "folder with NUL": "UPDATE artifacts SET folder = 'a' || char(0) || 'b'",
    "folder of 10000 letters": "UPDATE artifacts SET folder = hex(zeroblob(5000))",
    "model outside": "UPDATE projects SET model = '../victim/m.xml'",
    "model is the secret": "UPDATE projects SET model = '../victim/secret.txt'",
    "dataset outside": "UPDATE projects SET dataset = '../victim/dataset.json'",
    "dataset is the secret": "UPDATE projects SET dataset = '{victim}/secret.txt'",
    "model is a folder": "UPDATE projects SET model = 'imports'",
    "model is empty": "UPDATE projects SET model = ''",
    "names of markup": "UPDATE projects SET name = '<img src=x><b>' || char(27) || '[31m'",
    "names of a megabyte": "UPDATE projects SET name = hex(zeroblob(500000))",
    "names of bytes": "UPDATE projects SET name = x'fffe00'",
    "names of numbers": "UPDATE projects SET name = 5",
    "empty names": "UPDATE projects SET name = ''",
    "names like paths": "UPDATE projects SET name = '../../victim'",
    "huge ids": "UPDATE projects SET id = 9223372036854775807 WHERE parent_id IS NOT NULL",
    "negative ids": "UPDATE projects SET id = -5 WHERE parent_id IS NOT NULL",
    "its own parent": "UPDATE projects SET parent_id = id",
    "parents in a circle": "UPDATE projects SET parent_id = 3 - id",
    "parent that is not there": "UPDATE projects SET parent_id = 99 WHERE parent_id IS NOT NULL",
    "unknown state": "UPDATE projects SET state = 'finished'",
    "in progress for ever": "UPDATE projects SET state = 'in_progress', owner = '1.0'",
    "owner is a number": "UPDATE projects SET state = 'in_progress', owner = -1",
    "owner is huge": "UPDATE projects SET state = 'in_progress', owner = '99999999999999999999.1'",
    "device that is not there": "UPDATE projects SET device = 'NPU.7'",
    "target that is not there": "UPDATE projects SET target = 'toaster'",
    "target of bytes": "UPDATE projects SET target = x'00ff'",
    "number of a device": "UPDATE projects SET device = 'CPU.0'",
    "device of markup": "UPDATE projects SET device = '<b>' || char(10)",
    "created never": "UPDATE projects SET created = 'yesterday'",
    "created bytes": "UPDATE artifacts SET created = x'00ff'",
    "artifacts of unknown kinds": "UPDATE artifacts SET kind = 'everything'",
    "artifacts of other kinds": "UPDATE artifacts SET kind = 'benchmark'",
    "artifact of kind %": "UPDATE artifacts SET kind = '%'",
    "artifacts of nobody": "UPDATE artifacts SET project_id = 99",
    "running job of nobody": "UPDATE jobs SET state = 'running', owner = '0.0'",
    "running job with folder outside": (
        "UPDATE jobs SET state = 'running', owner = '', folder = '../victim'"
    ),
    "running job with the workspace's folder": (
        "UPDATE jobs SET state = 'running', owner = '', folder = '.'"
    ),
    "running job with a folder in use": (
        "UPDATE jobs SET state = 'running', owner = '', folder = 'imports'"
    ),
    "running job of numbers": "UPDATE jobs SET state = 'running', owner = 7, title = 5",
    "everything in the trash": "INSERT INTO trash SELECT NULL, id, NULL, '' FROM projects",
    "every result in the trash": "INSERT INTO trash SELECT NULL, NULL, id, 'x' FROM artifacts",
    "all in the trash twice": (
        "INSERT INTO trash SELECT NULL, id, NULL, '' FROM projects;"
        " INSERT INTO trash SELECT NULL, id, NULL, '' FROM projects"
    ),
    "nothing in the trash": "INSERT INTO trash VALUES (101, NULL, NULL, ''), (102, 99, 99, '')",
    "trash of bytes": "INSERT INTO trash VALUES (101, 2, NULL, x'00ff')",
    "trash of texts": "INSERT INTO trash VALUES (101, 'one', 'two', 'yesterday')",
    "trash of a circle": (
        "UPDATE projects SET parent_id = 3 - id; INSERT INTO trash VALUES (101, 1, NULL, '')"
    ),
    "trash outside": (
        "UPDATE artifacts SET folder = '../victim'; UPDATE projects SET model = '../victim/m.xml',"
        " dataset = '../victim/d.json'; INSERT INTO trash SELECT NULL, id, NULL, '' FROM projects"
    ),
    "trash of the workspace": (
        "UPDATE artifacts SET folder = '.';"
        " INSERT INTO trash SELECT NULL, NULL, id, '' FROM artifacts"
    ),
    "no trash": "DROP TABLE trash",
    "notes of a megabyte": "UPDATE projects SET notes = hex(zeroblob(500000))",
    "notes of markup": "UPDATE projects SET notes = '<img src=x>' || char(27) || char(0)",
    "notes of bytes": "UPDATE projects SET notes = x'fffe00'",
    "reports called markup": "UPDATE artifacts SET name = '<b>' || char(10) || char(27)",
    "reports called a megabyte": "UPDATE artifacts SET name = hex(zeroblob(500000))",
    "reports called bytes": "UPDATE artifacts SET name = x'fffe00'",
    "no projects": "DROP TABLE projects",
    "no jobs": "DROP TABLE jobs",
    "other columns": "ALTER TABLE projects DROP COLUMN message",
    "newer": "PRAGMA user_version = 999",
    "negative version": "PRAGMA user_version = -3",
    "version before": "PRAGMA user_version = 1",
    "projects without end": f"DROP TABLE projects; CREATE VIEW projects AS {ENDLESS}",
    "a trigger": (
        "CREATE TRIGGER t AFTER UPDATE ON jobs BEGIN DELETE FROM projects; END;"
        " UPDATE jobs SET state = 'running', owner = ''"
    ),
    "2000 projects": (
        "INSERT INTO projects SELECT 1000 + i, NULL, 'p' || i, 'failed', 'm', '', '', 'd/d.json',"
        " 'CPU', 'any', '', '' FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 2000) SELECT i FROM n)"
    ),
}


def cases() -> Iterator[Case]:
    """What each statement left, read by one of those who read it; looked at and used for all."""
    for number, name in enumerate(STATEMENTS):
        for ask in dict.fromkeys((READERS[number % len(READERS)], look, work)):
            yield Case("database", f"{name}, {ask.__name__}", changed(name, ask))
    for name in ("cut", "zeros in the middle", "text", "empty", "a folder", "another database"):
        yield Case("database file", name, _broken(name))


def changed(name: str, ask: Ask) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        base.workspace_in(room)
        file = room.workspace / "workspace.sqlite3"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.executescript(STATEMENTS[name].format(victim=room.victim))
            connection.commit()
        return ask(room, base, file)

    return build


def _broken(name: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        base.workspace_in(room)
        _break(room.workspace / "workspace.sqlite3", name)
        return looked_at(room)

    return build


def _break(file: Path, name: str) -> None:
    data = file.read_bytes()
    if name == "a folder":
        file.unlink()
        file.mkdir()
    elif name == "another database":
        file.unlink()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE songs (title TEXT)")
    else:
        changes = {
            "cut": data[: len(data) // 2],
            "zeros in the middle": data[: 4096 + 100] + bytes(4096) + data[8292:],
            "text": b"not a database\n" * 400,
            "empty": b"",
        }
        file.write_bytes(changes[name])
