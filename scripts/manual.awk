# manual.awk: a manual page from what --help prints; name, about, version and, for the page of
# concbench itself, verbs are given.
function text(line) {
    gsub(/\\/, "\\e", line)
    gsub(/-/, "\\-", line)
    sub(/^[.']/, "\\\\\\&&", line) # no line of text is an order to troff
    return line
}

function section(title) {
    if (verbatim)
        print ".fi"
    verbatim = 0
    print ".SH " title
}

# "  -o, --out DIR   where it goes": what is given, then what it does.
function entry(line, at) {
    sub(/^ +/, "", line)
    at = match(line, /  +/)
    print ".TP\n\\fB" text(at ? substr(line, 1, at - 1) : line) "\\fR"
    if (at)
        print text(substr(line, at + RLENGTH))
}

BEGIN {
    print ".TH \"" toupper(name) "\" 1 \"\" \"" version "\" \"concbench\""
    section("NAME")
    print text(name) " \\- " text(about)
    section("SYNOPSIS")
}

/^Usage: / {
    print "\\fB" text(substr($0, 8)) "\\fR"
    section("DESCRIPTION")
    next
}

/^[A-Z][a-z ]*:$/ {
    title = toupper(substr($0, 1, length($0) - 1))
    section(title == "EXIT CODES" ? "EXIT STATUS" : title)
    verbatim = title == "EXAMPLES"
    if (verbatim)
        print ".nf"
    is_list = !verbatim
    next
}

/^$/ {
    if (is_list)
        is_list = 0
    else
        print ".PP"
    next
}

is_list && /^ ? ? ? ? ? ?[^ ]/ { entry($0); next }
{
    if (!verbatim)
        sub(/^ +/, "")
    print text($0) (/\|$/ ? "\\c" : "") # a list of choices may be cut in the middle
}

END {
    section("SEE ALSO")
    count = split(verbs, names, /[ \n]+/)
    for (i = 1; name == "concbench" && i <= count; i++)
        print "\\fBconcbench\\-" names[i] "\\fR(1),"
    print name == "concbench" ? "\\fBconcbench\\-origin\\fR(1), \\fBconcbench\\-runner\\fR(1)" \
                              : "\\fBconcbench\\fR(1)"
}
