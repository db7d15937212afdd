#!/bin/sh
# Installs for this user, without root: ./install.sh [FOLDER]; ./install.sh --uninstall [FOLDER]
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
uninstall=
if [ "${1:-}" = --uninstall ]; then uninstall=1; shift; fi
prefix=${1:-"$HOME/.local"}
program="$prefix/lib/detection-workbench"

remove() {
    rm -f "$prefix/bin/detection-workbench" "$prefix/bin/detection-workbench-window"
    # The list is in here, or beside the program that is going: read before that goes.
    for place in "$here/share" "$program/share"; do
        [ -d "$place" ] || continue
        (cd "$place" && find . -type f) | while read -r file; do rm -f "$prefix/share/$file"; done
    done
    rm -rf "$program"
}

if [ -n "$uninstall" ]; then
    if [ ! -d "$program" ]; then echo "It is not installed in $prefix." >&2; exit 1; fi
    remove
    echo "Removed. Your projects stay in ${XDG_DATA_HOME:-$HOME/.local/share}/detection-workbench."
elif [ "$here" = "$program" ]; then
    echo "This is the installed program; run the install.sh of the archive." >&2
    exit 1
else
    remove # nothing of an older version may stay beside this one
    mkdir -p "$prefix/lib" "$prefix/bin" "$prefix/share"
    cp -R "$here/detection-workbench" "$program"
    cp -R "$here/share" "$here/install.sh" "$program/" # what uninstalling needs
    cp -R "$here/share/." "$prefix/share/"
    desktop="$prefix/share/applications/detection-workbench.desktop"
    sed -i "s|^Exec=.*|Exec=\"$program/detection-workbench-window\" %f|; /^TryExec=/d" "$desktop"
    ln -s "$program/detection-workbench" "$prefix/bin/detection-workbench"
    ln -s "$program/detection-workbench-window" "$prefix/bin/detection-workbench-window"
    echo "Installed. It is in the menu, and as $prefix/bin/detection-workbench."
fi
tell() { if command -v "$1" > /dev/null; then "$@" > /dev/null 2>&1 || true; fi; }
tell update-desktop-database "$prefix/share/applications"
tell update-mime-database "$prefix/share/mime"
tell gtk-update-icon-cache -q -t "$prefix/share/icons/hicolor"
