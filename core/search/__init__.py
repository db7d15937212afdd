"""Searching for the setting that is fastest and loses nothing."""
