"""The dispatch half: events in, units sent, each decision with its why."""
