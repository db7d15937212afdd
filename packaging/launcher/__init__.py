"""The parts of launch.py. Standard library only: it runs before anything is installed."""
