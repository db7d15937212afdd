"""The report on one model that is run in two ways."""
