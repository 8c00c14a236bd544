"""What a script prints of names, reasons and what programs said cannot move the terminal's cursor or turn its text."""

import sys


def clean(text):
    """Line breaks and tabs stay; what cannot be printed is shown by its number, a byte that is no UTF-8 as '?'."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" if one < " " or "\ud800" <= one <= "\udfff" or one == "\x7f"
                   else f"[U+{ord(one):04X}]" for one in text)


class CleanStream:
    """A text stream whose text is cleaned on the way."""

    def __init__(self, stream):
        self.stream = stream

    def write(self, text):
        return self.stream.write(clean(text))

    def __getattr__(self, name):
        return getattr(self.stream, name)


def clean_output():
    """From now on, all that is printed, error messages of argparse and tracebacks too."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    sys.stdout, sys.stderr = CleanStream(sys.stdout), CleanStream(sys.stderr)
