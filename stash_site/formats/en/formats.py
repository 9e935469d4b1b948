"""As the dashboard writes them: the day before the month, 24 hours, and never without saying that it is UTC."""

DATE_FORMAT = "j M Y"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = r"H:i:s \U\T\C"
DATETIME_FORMAT = rf"{DATE_FORMAT}, {TIME_FORMAT}"
