"""A cut: power or life is gone, here and now, and nothing of the program runs any more.

A real power cut runs no ``finally`` and no ``except``. Python cannot leave a frame without them, so each part of the
world has an epoch: a handle given to a life that is over raises `Cut` at every call and changes nothing. `Cut` is a
BaseException; product code that catches it is a mistake, and one of the planted bugs.
"""

from __future__ import annotations


class Cut(BaseException):
    """This program is dead. Nothing of ours may catch it but the world."""

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who


class Life:
    """One start of one program: good until it ends, and then never again."""

    def __init__(self, who: str, epoch: int) -> None:
        self.who = who
        self.epoch = epoch
        self.over = False

    def check(self) -> None:
        """Every port asks first. Raises `Cut` for a life that is over."""
        if self.over:
            raise Cut(self.who)

    def end(self) -> None:
        self.over = True
