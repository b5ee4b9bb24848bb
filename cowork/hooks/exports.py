"""What a SessionStart hook exports: plain assignments, read and never run."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 256 * 1024


def read(path: str, base: "Mapping[str, str]", errors: list[str]) -> dict[str, str]:
    """The variables that the lines `export NAME=value` or `NAME=value` of a file set, with `$NAME` filled in from `base`.

    Lines that are anything else are left out and reported in `errors`.
    """
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            text = stream.read(MAX_BYTES + 1)
    except OSError:
        return {}  # a hook took it away
    if len(text) > MAX_BYTES:
        errors.append(f"SessionStart hooks export more than {MAX_BYTES // 1024} KB; nothing of it is used")
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, sign, value = stripped.removeprefix("export ").lstrip().partition("=")
        try:
            if not sign or not (name.isascii() and name.isidentifier()):
                raise ValueError("it is no assignment")
            found[name] = _value(value, {**base, **found})
        except ValueError as error:
            errors.append(f"line {number} of what SessionStart hooks export is left out: {error}")
    return found


def _value(text: str, known: "Mapping[str, str]") -> str:
    """The text as a shell would read it. Raises ValueError for what a shell would have to run or split."""
    out: list[str] = []
    quote, at = "", 0
    while at < len(text):
        character = text[at]
        if quote == "'":
            out.append("" if character == "'" else character)
            quote = "" if character == "'" else quote
        elif character == "\\" and at + 1 < len(text):
            at += 1
            out.append(text[at] if not quote or text[at] in '"\\$`' else "\\" + text[at])
        elif character == '"' or (character == "'" and not quote):
            quote = "" if quote == character else character
        elif character == "$":
            name, at = _name(text, at)
            out.append(known.get(name, ""))
        elif character in "`" or (not quote and character in " \t;&|<>()"):
            raise ValueError("it is more than an assignment")
        else:
            out.append(character)
        at += 1
    if quote:
        raise ValueError("a quote is not closed")
    return "".join(out)


def _name(text: str, at: int) -> tuple[str, int]:
    """The name after the `$` at `at`, and where it ends."""
    braced = text[at + 1 : at + 2] == "{"
    start = end = at + 2 if braced else at + 1
    while end < len(text) and (text[end] == "_" or (text[end].isascii() and text[end].isalnum())):
        end += 1
    name = text[start:end]
    if not name or name[0].isdigit() or (braced and text[end : end + 1] != "}"):
        raise ValueError("it holds a substitution")
    return name, end if braced else end - 1
