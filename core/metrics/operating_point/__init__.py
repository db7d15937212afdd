"""At which score thresholds an optimized model is best used; see `point`."""
