"""Help and usage errors as people read them, in Chinese too, from what typer puts together.

The English text itself is the key (`usage/zh-CN.toml`), so that one which is rewritten cannot keep
an old translation. What has none stays English.
"""

import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from typer import TyperException
from typer._click.core import Context
from typer._click.exceptions import NoArgsIsHelpError
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup

from config.faults import near
from config.words import LANGUAGES, catalogue, cell_width, language, pad, words

if TYPE_CHECKING:
    from typer._click import Command

FILE = Path(__file__).parent / "usage" / "zh-CN.toml"
WIDEST = 30
"""Cells of the first column of a list; a wider name has a line of its own."""
BARE = re.compile(r"\{([^{}]+)\}|\[(\[[^\[\]]+\])\]")
"""An argument in braces, or in two pairs of brackets, as typer writes it."""
_DATE = "%Y-%m-%d"
_KIND = {"<%Y-%m-%d>": "<date>", "<list[datetime]>": "<date>", "<list[str]>": "<str>"}
"""How a day is written, and what typer calls the kind of it."""
_CHOICE = re.compile(r"'(?P<value>[^']*)' is not one of '(?P<choices>.*)'\.$")
_AT_LEAST, _BETWEEN = re.compile(r"x>=(\S+)"), re.compile(r"(\S+)<=x<=(\S+)")
_HOLE = re.compile(r"\\\{(\w+)\\\}")
_EXTRA = re.compile(r"^(?P<text>.*?)(?:^|  )\[(?P<extra>[^\[\]]+)\]$", re.DOTALL)
_PIECE = re.compile(r"\s+|(?:[!-~]+|\S)[，。；：、？！）”]*")


def asked_for(told: Iterable[str]) -> str | None:
    """The language that the arguments before the command ask for.

    It counts before any of them is parsed: help and what is wrong with them speak it, too.
    """
    words = iter(told)
    for word in words:
        name, _, value = word.partition("=")
        if name == "--lang":
            value = value or next(words, "")
            return value if value in LANGUAGES else None
        if not word.startswith("-"):
            break
    return None


def speak() -> None:
    """Let typer's help be written in the user's language, as it is set now."""
    Context.formatter_class = _Chinese if language() == "zh-CN" else _Plain


def translate(command: "Command") -> "Command":
    """The command with what it says of itself, and its sub-commands, in the user's language."""
    if language() == "zh-CN":
        parts = inspect.cleandoc(command.help or "").split("\n\n")
        told = [_text("help", " ".join(part.split())) for part in parts]
        command.help = "\n\n".join(told)
        for one in getattr(command, "commands", {}).values():
            translate(one)
    if isinstance(command, TyperGroup):
        command.format_commands = partial(_listed, command)  # type: ignore[method-assign]
    return command


def _listed(command: TyperGroup, ctx: Context, formatter: HelpFormatter) -> None:
    """The commands below another, each in a few words: what it is in full stands in its help."""
    del ctx
    say = words()
    with formatter.section(say("help.commands")):
        formatter.write_dl([
            (name, say(f"help.below.{command.name}.{name}")) for name in command.commands
        ])  # fmt: skip


def trouble(wrong: TyperException) -> str:
    """What is wrong with the arguments, below how the command is used."""
    message, context = wrong.format_message(), getattr(wrong, "ctx", None)
    if isinstance(wrong, NoArgsIsHelpError):
        return message
    chinese = language() == "zh-CN"
    lines = []
    if isinstance(context, Context):
        hint = f"{context.command_path} {context.help_option_names[-1]}"
        lines += [context.get_usage(), _framed("Try '{command}' for help.", command=hint), ""]
    message = _with_nearest(message.replace(_DATE, "YYYY-MM-DD").replace("Value error, ", ""))
    told = _message(message) if chinese else message
    return "\n".join([*lines, _framed("Error: {message}", message=told)])


def _with_nearest(message: str) -> str:
    """The message with the choice that is most like what was typed, where one is.

    In another language each choice has its name beside it, by which it may be meant, too.
    """
    found = _CHOICE.search(message)
    if found is None:
        return message
    choices = found["choices"].split("', '")
    names = _names(choices)
    meant = {name: choice for choice, name in names.items()}
    like = near(found["value"], choices) or meant.get(near(found["value"], meant), "")
    if names:
        told = ", ".join(f"'{choice}' {names[choice]}" for choice in choices)
        message = f"{message[: found.start('choices') - 1]}{told}."
    return f"{message} Did you mean '{like}'?" if like else message


def _names(choices: Sequence[str]) -> Mapping[str, str]:
    """What the kinds that may be chosen are called in the user's language; English needs none."""
    if language() == "en":
        return {}
    texts = catalogue(language())
    for family in ("incident", "kind"):
        told = {choice: texts.get(f"code.{family}.{choice}", "") for choice in choices}
        if all(told.values()):
            return told
    return {}


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """All that is translated: English → Chinese, by where it stands."""
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return found


def _text(part: str, english: str) -> str:
    return texts()[part].get(english, english)


def _framed(english: str, **fields: str) -> str:
    text = _text("frame", english) if language() == "zh-CN" else english
    return text.format(**fields)


def _message(english: str) -> str:
    """An error by the first template that it fits; what fills its holes may be one, too."""
    for pattern, chinese in _templates():
        if found := pattern.fullmatch(english):
            return chinese.format(
                **{name: _placed(_message(told)) for name, told in found.groupdict().items()}
            )
    return english


@cache
def _templates() -> Sequence[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), chinese)
        for english, chinese in texts()["error"].items()
    ]


class _Plain(HelpFormatter):
    """Help with arguments as they are called, without the marks of whoever parses them."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is called."""
        super().write_usage(prog, _bare(args), prefix)

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = WIDEST, col_spacing: int = 2
    ) -> None:
        """Names, and beside them what they are."""
        told = [(_kind(first).replace(" range>", ">"), second) for first, second in rows]
        super().write_dl(told, col_max, col_spacing)


def _bare(args: str) -> str:
    """Arguments without braces; one that may be left out in one pair of brackets."""
    return BARE.sub(lambda found: found[1] or found[2], args)


def _kind(first: str) -> str:
    """An option with the kind of its value, where typer has no word for that."""
    for typers, ours in _KIND.items():
        first = first.replace(typers, ours)
    return first


class _Chinese(HelpFormatter):
    """Help with Chinese headings, and lines that are broken where Chinese may be."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is called."""
        for english in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(english, _text("frame", english))
        args = " ".join(_placed(word) for word in _bare(args).split(" "))
        super().write_usage(prog, args, prefix or _text("frame", "Usage: "))

    def write_heading(self, heading: str) -> None:
        """The title of a list."""
        self.write(f"{'':>{self.current_indent}}{_text('frame', heading)}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs."""
        lead = " " * self.current_indent
        for n, part in enumerate(text.split("\n\n")):
            self.write("\n" if n else "")
            for line in wrapped(part, self.width - self.current_indent):
                self.write(f"{lead}{line}\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = WIDEST, col_spacing: int = 2
    ) -> None:
        """Names, and beside them what they are."""
        told = [(_named(first), _described(second)) for first, second in rows]
        column = min(max(cell_width(first) for first, _ in told), col_max) + col_spacing
        for first, second in told:
            lines = list(wrapped(second, max(self.width - column - self.current_indent, 10)))
            if cell_width(first) > column - col_spacing:
                lines.insert(0, "")
            for n, line in enumerate(lines or [""]):
                lead = " " * self.current_indent + pad("" if n else first, column)
                self.write(f"{lead}{line}".rstrip() + "\n")


def _named(first: str) -> str:
    """An option or argument with the kind of its value."""
    name, blank, kind = _kind(first).partition(" <")
    name = " ".join(_placed(word) for word in name.strip("[]").split(" "))
    return f"{name} {_text('frame', f'<{kind}')}" if blank else name


def _placed(word: str) -> str:
    """What stands for an argument, or an option's value, in brackets and with dots too."""
    inner = word.strip("[]'.")
    return word.replace(inner, _text("value", inner)) if inner else word


def _described(second: str) -> str:
    """What an option is, and in brackets its default, its bounds and whether it must be given."""
    found = _EXTRA.match(second)
    text, extra = (found["text"], found["extra"]) if found else (second, "")
    told = _text("help", " ".join(text.split()))
    if not extra:
        return told
    parts = []
    for part in extra.split("; "):
        name, colon, value = part.partition("default: ")
        default = colon and not name
        told_part = _framed("default: {value}", value=value) if default else _text("frame", part)
        parts.append(_AT_LEAST.sub(r"至少 \1", _BETWEEN.sub(r"\1 至 \2", told_part)))
    return f"{told}  [{'；'.join(parts)}]".strip()


def wrapped(text: str, cells: int) -> Iterator[str]:
    """Lines of at most so many cells; no line begins with a closing mark."""
    line = ""
    for piece in _PIECE.findall(text):
        piece = " " if piece.isspace() and "\n" in piece else piece  # noqa: PLW2901
        if line.strip() and cell_width(line) + cell_width(piece.rstrip()) > cells:
            yield line.rstrip()
            line = ""
        line += piece if line or not piece.isspace() else ""
    if line.strip():
        yield line.rstrip()
