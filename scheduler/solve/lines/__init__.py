"""Roster lines by column generation, for any horizon; knows neither districts nor rules.

A line is what one person (or team, or class of interchangeable people) does on every day: an
option or nothing. `problem` says what is asked, `laws` which lines are lawful, `search` answers.
"""
