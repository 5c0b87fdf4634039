"""A district: its folder, places, roads, travel times, people, calendar, rules and words."""
