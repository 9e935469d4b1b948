"""The windows of time that operators look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import UsageHour, UsageMinute


@dataclass(frozen=True)
class Window:
    """So many minutes or hours, the one that is under way included."""

    name: str
    table: type[UsageMinute] | type[UsageHour]
    steps: int

    @property
    def step(self) -> timedelta:
        """A minute or an hour."""
        return timedelta(seconds=self.table.SECONDS)

    def start(self, now: datetime) -> datetime:
        """When its first minute or hour begins."""
        seconds = int(now.timestamp())
        current = seconds - seconds % self.table.SECONDS
        return datetime.fromtimestamp(current, now.tzinfo) - (self.steps - 1) * self.step


# Who asks so much at this moment.
NOW = Window("now", UsageMinute, 5)
HOUR = Window("hour", UsageMinute, 60)
DAY = Window("day", UsageHour, 24)
MONTH = Window("month", UsageHour, 30 * 24)
# All that is kept.
MINUTES = Window("minutes", UsageMinute, 120)
HOURS = Window("hours", UsageHour, 90 * 24)
