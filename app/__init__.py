"""The window of Detection Workbench: a face of the engine in ``core``."""
