"""Days of what is listed and relieved at nodes that go by this machine's clock.

They are never far behind it, so that what was listed is in force, whenever the tests run: the year
is that in which a repair of the first of June is past.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from federation.ids import Date
from node.system.clock import CHINA

_BEHIND: Final = timedelta(days=153)
"""From the first of January to the second of June, and a day for a clock that is ahead."""
_TODAY: Final = datetime.now(CHINA).date()
YEAR: Final = (_TODAY - _BEHIND).year
NOTIFIED: Final = date(YEAR - 1, 12, 20)
DECIDED: Final = date(YEAR, 1, 5)
LISTED: Final = date(YEAR, 1, 10)
REPAIRED: Final = date(YEAR, 6, 1)
UNTIL: Final = date(YEAR + 2, 12, 31)
AHEAD: Final = _TODAY + timedelta(days=90)
"""Until when watches and credentials are wanted, so that they do not run out."""


def number_of(day: date) -> Date:
    """A day as statements have it, YYYYMMDD."""
    return Date(int(f"{day:%Y%m%d}"))
