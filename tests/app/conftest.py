"""What every test of the window gets."""

from tests.support.leaks import no_leaked_workers

__all__ = ["no_leaked_workers"]
