"""The device's place in the world while it serves: its shop's name and goods, and whether it may serve at all."""

from __future__ import annotations

from dataclasses import replace

from core.messages import TerminalGrant
from core.ports import Face, Log
from device.goods import BadGoods, Goods, merged
from device.loop import Loop
from sync.goods_list import Standing
from sync.journal import Journal, JournalFull
from sync.pairing import keep_grant


class Place:
    """`told` is called by the thread that asks the exchange; everything else by the loop's.

    News waits until no ticket is open: a sale ends at the prices and under the name it began with.
    """

    def __init__(self, grant: TerminalGrant, local: Goods, standing: Standing, journal: Journal, log: Log) -> None:
        self._grant = grant
        self._local = local
        self._journal = journal
        self._log = log
        self._news: Standing | None = None
        self.goods = self._merged(standing, local)

    def told(self, standing: Standing) -> None:
        self._news = standing

    def look(self, loop: Loop, face: Face) -> None:
        """Take the news, if there is any and nobody is being served."""
        if self._news is None or loop.state is not None:
            return
        standing, self._news = self._news, None
        self.goods = self._merged(standing, self.goods)
        if standing.shop and standing.shop != self._grant.shop:
            self._grant = replace(self._grant, shop=standing.shop)
            self._keep()
            face.stand_in(self._grant.shop, self._grant.utc_offset_minutes)
        loop.know(self._grant.shop, self.goods, standing.refused)

    def _keep(self) -> None:
        try:
            keep_grant(self._journal, self._grant)
        except JournalFull as full:  # the name is used, and asked for again at the next start
            self._log.warning("shop_not_kept", code=full.code)

    def _merged(self, standing: Standing, otherwise: Goods) -> Goods:
        """A list with a mistake in it is not used: half a price list sells at wrong prices."""
        if standing.prices is None:
            return otherwise
        listed = [(good.barcode, good.name, good.price) for good in standing.prices.goods]
        try:
            return merged(self._local, listed, standing.prices.currency)
        except BadGoods as bad:
            self._log.warning("price_list_refused", code="TM-TERM-009", problem=str(bad))
            return otherwise
