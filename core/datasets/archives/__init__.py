"""Unpacking archives from strangers: see `core.datasets.archives.unpacking`."""
