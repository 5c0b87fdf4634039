"""What the dispatcher sees: the console log, one line a decision."""
