"""What a history says of weeks to come: risk, demand, points to visit, what to correct."""
