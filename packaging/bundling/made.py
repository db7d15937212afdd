"""What was made, in figures: the size of each part, and checksums."""

import hashlib
import sys
from pathlib import Path


def sizes(tree: Path) -> list[tuple[str, int]]:
    """What each part of a bundle takes, in bytes, the largest first."""
    parts: dict[str, int] = {}
    inside = tree / ("_internal" if (tree / "_internal").is_dir() else ".")
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink():
            near = path.relative_to(inside) if inside in path.parents else path.relative_to(tree)
            parts[part_of(near)] = parts.get(part_of(near), 0) + path.stat().st_size
    return sorted(parts.items(), key=lambda part: -part[1])


def part_of(path: Path) -> str:
    """Of which part a file is: a plugin that could be an add-on, else the package."""
    name = path.name
    for plugin in ("gpu", "npu", "cpu"):
        if f"openvino_intel_{plugin}_plugin" in name or (plugin == "gpu" and name == "cache.json"):
            return f"openvino: {plugin.upper()} plugin"
    if "openvino" in path.parts and "frontend" in name:
        return "openvino: frontends"
    if len(path.parts) == 1:
        return "python" if name.startswith("libpython") else "libraries and programs"
    return path.parts[0].removesuffix(".libs").replace("opencv_python_headless", "cv2")


def print_sizes(tree: Path) -> None:
    """Print what each part takes."""
    found = sizes(tree)
    for name, size in found:
        if size >= 500_000:
            print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{sum(size for _, size in found) / 1e6:8.1f} MB  in all", file=sys.stdout)


def checksums(files: list[Path], output: Path) -> Path:
    """SHA256SUMS of what was made, as sha256sum reads it."""
    lines = []
    for file in files:
        with file.open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {file.name}\n")
    sums = output / "SHA256SUMS"
    sums.write_text("".join(lines), encoding="utf-8")
    return sums
