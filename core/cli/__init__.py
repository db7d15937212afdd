"""The terminal's commands: what they do, their arguments, and how their results are told."""
