"""The roster engine."""
