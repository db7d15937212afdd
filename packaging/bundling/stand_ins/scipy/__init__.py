"""Stands in for SciPy in a bundle, which is 73 MB: NNCF imports it for `lstsq` alone."""
