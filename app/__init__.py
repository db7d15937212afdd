"""The window of Detection Workspace: a face of the engine in ``core``."""
