"""How long a minute, an hour and a day are, in the units that the program counts in.

A day of local time may be an hour shorter or longer: `config.calendar` knows; these do not.
"""

FIRST_MS, LAST_MS = 0, 7_258_118_400_000
"""The years 1970 to 2199: what any calendar can tell, with room for what falls due later."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
DAY_MIN = 24 * 60
