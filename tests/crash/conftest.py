"""One town for all these tests: its people and servers are expensive, its terminals are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.town import Town
from tests.crash.town import town as open_town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as made:
        yield made
