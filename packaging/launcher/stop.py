"""The one way in which the launcher gives up."""

NEEDS_SOMETHING = 2  # the user has to do something first
FAILED = 1  # something that was tried went wrong


class Stop(Exception):
    """A sentence for the user, and the exit status that goes with it."""

    def __init__(self, sentence: str, status: int = NEEDS_SOMETHING) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
