"""From a history to a lawful published roster: patterns, demand, rules, solving, explaining."""
