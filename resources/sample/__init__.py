"""The sample project: a small detector and its images."""
