"""A second counter of a world: another terminal of the same servers, market, mailbox and bank."""

from __future__ import annotations

from sim.world import Choices, World


class Beside(World):
    """Stands beside `home`, which must be running and outlive it. Only the terminal and its cables are its own."""

    def __init__(self, home: World, choices: Choices) -> None:
        super().__init__(choices, home.tell)
        self._home = home

    def _start_outside(self) -> None:
        home = self._home
        self.broker, self.market, self.venues = home.broker, home.market, home.venues
        self.mailbox, self.bank = home.mailbox, home.bank

    def _start_backend(self) -> None:
        home = self._home
        self.backend, self.backend_config = home.backend, home.backend_config
        self.exchange_url, self.agency_url = home.exchange_url, home.agency_url
