"""What a district is: its folder, places, roads, travel times, people, calendar, rules and words."""
