"""Why something was not taken, in words: the code of a refusal is for programs, and stays."""

from config.words import Say

UNFIT = "data:value_error"
"""Each field is right, but they do not fit: an incident without a place, a point without crs."""


def reason_text(code: str, say: Say) -> str:
    """A refusal's code in words, e.g. of `late` or `invalid:data.lon:less_than_equal`.

    As it came where there are none: what an input was set aside for is another program's word.
    """
    reason, _, rest = code.partition(":")
    where, _, problem = rest.rpartition(":")
    try:
        if rest == UNFIT:
            return say("refusal.unfit")
        wrong = say(f"refusal.problem.{problem}") if problem else ""
        return say(f"refusal.{reason}", where=where.removeprefix("data."), problem=wrong)
    except KeyError:
        return code
