"""The operating point: at which score thresholds the optimized model does what its parent does."""
