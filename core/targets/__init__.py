"""Where a model is to run in the end: how that computes, and what this machine can try of it."""
