# Lines in turn a target and what it does: as wide as the terminal, 80 columns where there is none.
BEGIN { if (columns < 20) columns = 80; hang = columns < 60 ? 6 : 21 }
NR % 2 {
    line = sprintf("%-" (hang - 1) "s", $0)
    if (columns < 60) { print $0; line = sprintf("%" (hang - 1) "s", "") }
    next
}
{
    for (i = 1; i <= NF; i++) {
        if (length(line) + 1 + length($i) > columns && i > 1) { print line; line = sprintf("%" (hang - 1) "s", "") }
        line = line " " $i
    }
    print line
}
