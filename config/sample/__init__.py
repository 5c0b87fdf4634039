"""The sample district: a made-up town, its force, and a history from a hidden process.

Nothing here is anybody's datum. The planner may read what `qinwu init` writes and must not
import this package: the process behind the history is the truth that tests measure it against.
"""
