"""What whoever helps needs to know of this machine, as text; without names unless wanted."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import WorkbenchError
from core.jobs.logs import TITLE, log_files, piece_until
from core.parts import versions

if TYPE_CHECKING:
    from core.inference.processor import Machinery

_LOGS = 20  # that are looked through for errors
_ERRORS = 5  # that are told
_LINES = 12  # of each
_TRACE_LINES = 60
_FAILED = re.compile(r"^\[[\d:]+\] Failed: |CRITICAL app unexpected", re.M)
_ENVIRONMENT = re.compile(r"^(ONEDNN|OPENVINO|OV_|OMP_|KMP_|QT_|XDG_SESSION|PYTHON\w*|LANG|LC_ALL)")
_SHORTEST_NAME = 3  # of a project or a user, to be taken for a name in a text
_PROGRAM = str(Path(__file__).parent.parent)
# In quotes up to the other one; else to the last separator of the line, and the name after it,
# which may have spaces where it has an ending.
_QUOTED = re.compile(r"(['\"“])((?:[A-Za-z]:)?[^'\"”\n]*[\\/][^'\"”\n]*)(['\"”])")
_PATH = re.compile(
    r"(?<![\w.>/\\])(?:[A-Za-z]:)?[\\/](?:[^\n'\"<>|]*[\\/])?"
    r"(?:[^\n'\"<>|\\/:]{0,80}?\.[A-Za-z]\w{0,7}\b|[^\s'\"<>|,;:)]*)"
)


def diagnostics(
    logs: Path,
    machinery: Machinery | None,
    more: Mapping[str, str],
    traces: Sequence[Path] = (),
) -> str:
    """Versions, processor, devices, environment, and the last errors in the logs, with paths.

    `more` are facts that the caller knows, such as Qt's version; `traces` those of crashes.
    """
    facts = {**versions(), **more, "Logical cores": str(os.cpu_count() or "unknown")}
    facts["Memory"] = _memory()
    if machinery is None:
        facts["Devices"] = "not known yet"
    else:
        processor = machinery.processor
        facts["Processor"] = processor.name
        facts["Instruction sets"] = ", ".join(processor.instruction_sets) or "unknown"
        facts["Default precision"] = processor.default_precision
        facts["INT8 sums"] = processor.arithmetic
        devices = (f"{device} ({title})" for device, title in machinery.devices.items())
        facts["Devices"] = ", ".join(devices)
    parts = ["\n".join(f"{name}: {value}" for name, value in facts.items())]
    variables = [f"{k}={v}" for k, v in sorted(os.environ.items()) if _ENVIRONMENT.match(k)]
    parts.append("Environment\n" + ("\n".join(variables) or "nothing of interest"))
    errors = list(_last_errors(logs))
    parts.append("Last errors\n" + ("\n\n".join(errors) or "none"))
    parts += [f"Crash {path.stem}\n{_tail(path, _TRACE_LINES)}" for path in traces[:1]]
    return "\n\n".join(parts) + "\n"


def redacted(text: str, names: Sequence[str] = ()) -> str:
    """`text` without the user's and the machine's name, without paths and these names.

    Paths of the program and of its libraries are kept from the package on.
    """
    for place, title in _known_places():
        text = text.replace(place, title)
    text = _QUOTED.sub(_without_path, text)
    text = _PATH.sub("<path>", text)
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", "<name>", text)
    for name in (_user(), Path.home().name, platform.node()):
        if len(name) >= _SHORTEST_NAME:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "<user>", text, flags=re.I)
    return text


def _known_places() -> list[tuple[str, str]]:
    places = {
        _PROGRAM: "<program>",
        sysconfig.get_path("purelib"): "<packages>",
        sysconfig.get_path("platlib"): "<packages>",
        sysconfig.get_path("stdlib"): "<python>",
        sys.prefix: "<environment>",
    }
    return sorted(places.items(), key=lambda one: len(one[0]), reverse=True)


def _without_path(found: re.Match[str]) -> str:
    kept = found[2].startswith(("<program>", "<packages>", "<python>", "<environment>"))
    return found[0] if kept else f"{found[1]}<path>{found[3]}"


def _last_errors(logs: Path) -> Iterator[str]:
    count = 0
    for log in log_files(logs)[:_LOGS]:
        try:
            text = piece_until(log.path).text
        except WorkbenchError:
            continue
        found = list(_FAILED.finditer(text))
        if found:
            lines = text[: _line_end(text, found[-1].end())].splitlines()
            if "CRITICAL" in found[-1][0]:  # its traceback follows
                lines = text[found[-1].start() :].splitlines()
            lines = [line for line in lines if not TITLE.match(line)]  # it may name a file
            yield f"{log.path.name}\n" + "\n".join(lines[-_LINES:])
            count += 1
            if count == _ERRORS:
                return


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _tail(path: Path, lines: int) -> str:
    try:
        return "\n".join(piece_until(path).text.splitlines()[:lines])
    except WorkbenchError as error:
        return str(error)


def _memory() -> str:
    import psutil

    memory = psutil.virtual_memory()
    return f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB of it free"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
