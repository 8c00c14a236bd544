"""What the lint scripts share: the C files of a tree, and their text without comments and strings."""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def top_from_argv():
    return os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else TOP


def tree_files(top, *patterns):
    """Paths below top, relative to it: what git tracks or would track; every file without git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = set(filter(None, listed.stdout.split("\0")))
    else:
        endings = tuple(pattern.lstrip("*") for pattern in patterns)
        names = {os.path.relpath(os.path.join(folder, name), top)
                 for folder, _, files in os.walk(top) for name in files if name.endswith(endings)}
    return sorted(name for name in names if os.path.isfile(os.path.join(top, name)))


def read(top, name):
    with open(os.path.join(top, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def code_only(text, keep_strings=False):
    """text with comments (and strings) blanked; every line keeps its number."""
    def blank(match):
        token = match.group()
        if token[0] in "\"'":
            return token if keep_strings else token[0] * 2
        return "\n" * token.count("\n")
    return TOKEN.sub(blank, text)


def finish(problems):
    """Prints the problems, one 'file:line: what and what to do' per line, and ends the script."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
