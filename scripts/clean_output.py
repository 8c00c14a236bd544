"""What a script prints of names, reasons and what programs said cannot move the terminal's cursor or turn its text."""

import os
import sys
import textwrap


def clean(text):
    """Line breaks and tabs stay; what cannot be printed is shown by its number, a byte that is no UTF-8 as '?'."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" if one < " " or "\ud800" <= one <= "\udfff" or one == "\x7f"
                   else f"[U+{ord(one):04X}]" for one in text)


def columns_of(stream):
    """Those that lines may have, or None."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return max(int(os.environ["COLUMNS"]), 20)
    return max(os.get_terminal_size(stream.fileno()).columns, 20) if stream.isatty() else None


def folded(line, columns):
    """As common/fold.h breaks a line; what follows hangs from its beginning."""
    indent = min(len(line) - len(line.lstrip(" ")), columns // 2)
    hang = indent + 4 if "  " in line.strip() else indent
    return textwrap.fill(" " * indent + line.strip(" "), columns, subsequent_indent=" " * hang, break_long_words=False,
                         break_on_hyphens=False)


class CleanStream:
    """A text stream whose text is cleaned on the way, and its lines folded where it is a terminal."""

    def __init__(self, stream):
        self.stream, self.columns, self.line = stream, columns_of(stream), ""

    def write(self, text):
        if not self.columns:
            return self.stream.write(clean(text))
        *lines, self.line = (self.line + clean(text)).split("\n")
        for line in lines:
            self.stream.write((folded(line, self.columns) if len(line) > self.columns else line) + "\n")
        return len(text)

    def flush(self):
        self.stream.write(self.line)
        self.line = ""
        self.stream.flush()

    def __getattr__(self, name):
        return getattr(self.stream, name)


def clean_output():
    """From now on, all that is printed, error messages of argparse and tracebacks too."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.stdout, sys.stderr = CleanStream(sys.stdout), CleanStream(sys.stderr)
