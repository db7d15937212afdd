#!/bin/sh
# macOS: double-click to open Detection Workbench. The first time installs it, in this window.
cd "$(dirname "$0")/.." || exit 1
exec python3 packaging/launch.py
