"""Predictions of the optimized model compared with its parent's."""
