"""The half hours of a week: what is needed, covered and told is counted by them, from Monday on."""

from config.durations import DAY_MIN

DAYS = 7
SLOT_MIN = 30
SLOTS_A_DAY = DAY_MIN // SLOT_MIN
SLOTS = DAYS * SLOTS_A_DAY
NOON = SLOTS_A_DAY // 2
"""The slot of a day that begins at noon."""
