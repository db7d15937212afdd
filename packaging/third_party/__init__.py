"""Notices of what the program stands on, made from the installed distributions."""
