"""What is told of the past: backtests, the monthly report, effects of measures, key figures."""
