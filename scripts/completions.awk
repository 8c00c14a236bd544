# completions.awk: completions for shell (bash, zsh, fish) from "verb NAME ABOUT" followed by the
# verb's --help, for each verb.
/^verb / {
    verb = names[++count] = $2
    about[verb] = substr($0, length("verb " verb " ") + 1)
    is_list = 0
    next
}

/^Options:$/ { is_list = 1; next }
/^$/ { is_list = 0 }
!is_list { next }

/^ ? ? ? ? ? ?-/ { # "  -o, --out DIR   where it goes"
    line = $0
    sub(/^ +/, "", line)
    at = match(line, /  +/)
    gap = RLENGTH
    given = at ? substr(line, 1, at - 1) : line
    letter = match(given, /^-[A-Za-z]/) ? substr(given, 2, 1) : ""
    match(given, /--[a-z0-9-]+/)
    option = ++options[verb]
    long[verb, option] = substr(given, RSTART + 2, RLENGTH - 2)
    short[verb, option] = letter
    takes[verb, option] = given ~ / [A-Z]/
    help[verb, option] = at ? substr(line, at + gap) : ""
    next
}

{ # the help goes on; a list of choices may be cut in the middle
    sub(/^ +/, "")
    last = help[verb, option]
    help[verb, option] = last (last ~ /\|$/ || last == "" ? "" : " ") $0
}

function choices(verb, i, text) {
    text = help[verb, i]
    if (!match(text, /\([a-z0-9-]+(\|[a-z0-9-]+)+\)$/))
        return ""
    text = substr(text, RSTART + 1, RLENGTH - 2)
    gsub(/\|/, " ", text)
    return text
}

# The text between single quotes. zsh takes a bracket or colon of a description for its own, and ends
# a quote for a quote.
function zsh_text(text) {
    gsub(/\\|\[|\]|:/, "\\\\&", text)
    gsub(/'/, "'\\''", text)
    return text
}

function fish_text(text) {
    gsub(/\\|'/, "\\\\&", text)
    return text
}

function is_of_scenarios(verb) { return verb ~ /^(run|show)$/ }

function bash(i, v, verb, all) {
    print "# bash completion of concbench"
    print "_concbench() {"
    print "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=''"
    print "    case $COMP_CWORD:${COMP_WORDS[1]}:$before in"
    for (v = 1; v <= count; v++) {
        verb = names[v]
        all = all " " verb
        for (i = 1; i <= options[verb]; i++)
            if (choices(verb, i))
                print "    *:" verb ":--" long[verb, i] \
                      (short[verb, i] ? "|*:" verb ":-" short[verb, i] : "") ") words='" choices(verb, i) "' ;;"
    }
    print "    1:*) words='help version" all "' ;;"
    for (v = 1; v <= count; v++) {
        verb = names[v]
        all = ""
        for (i = 1; i <= options[verb]; i++)
            all = all " --" long[verb, i]
        print "    *:" verb ":*) [[ $word == -* ]] && words='" substr(all, 2) "'" \
              (is_of_scenarios(verb) ? " || words=$(_concbench_scenarios)" : "") " ;;"
    }
    print "    esac"
    print "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))"
    print "}"
    scenarios()
    print "complete -o filenames -F _concbench concbench"
}

function scenarios() {
    print "_concbench_scenarios() {"
    print "    concbench list 2>/dev/null | sed -n 's/^  \\([a-z0-9][a-z0-9-]*\\)  .*/\\1/p'"
    print "}"
}

function zsh(i, v, verb) {
    print "#compdef concbench"
    scenarios()
    print "_concbench() {"
    print "    if (( CURRENT == 2 )); then"
    print "        local -a verbs=("
    for (v = 1; v <= count; v++)
        print "            '" names[v] ":" zsh_text(about[names[v]]) "'"
    print "        )"
    print "        _describe verb verbs"
    print "        return"
    print "    fi"
    print "    local verb=${words[2]}"
    print "    shift words; (( CURRENT-- ))"
    print "    case $verb in"
    for (v = 1; v <= count; v++) {
        verb = names[v]
        print "    " verb ")\n        _arguments \\"
        for (i = 1; i <= options[verb]; i++) {
            argument = takes[verb, i] ? ":" long[verb, i] ":" (choices(verb, i) ? "(" choices(verb, i) ")" : "_files") : ""
            print "            '--" long[verb, i] (takes[verb, i] ? "=" : "") "[" zsh_text(help[verb, i]) "]" argument "' \\"
            if (short[verb, i])
                print "            '-" short[verb, i] (takes[verb, i] ? "+" : "") "[" zsh_text(help[verb, i]) "]" argument "' \\"
        }
        print "            '*:argument:" (is_of_scenarios(verb) ? "{ compadd $(_concbench_scenarios); _files }" : "_files") "' ;;"
    }
    print "    esac"
    print "}"
    print "_concbench \"$@\""
}

function fish(i, v, verb) {
    print "# fish completion of concbench"
    for (v = 1; v <= count; v++) {
        verb = names[v]
        print "complete -c concbench -n __fish_use_subcommand -f -a " verb " -d '" fish_text(about[verb]) "'"
        if (is_of_scenarios(verb))
            print "complete -c concbench -n '__fish_seen_subcommand_from " verb \
                  "' -a \"(concbench list 2>/dev/null | string match -rg '^  ([a-z0-9][a-z0-9-]*)  ')\""
        for (i = 1; i <= options[verb]; i++)
            print "complete -c concbench -n '__fish_seen_subcommand_from " verb "' -l " long[verb, i] \
                  (short[verb, i] ? " -s " short[verb, i] : "") (takes[verb, i] ? " -r" : "") \
                  (choices(verb, i) ? " -f -a '" choices(verb, i) "'" : "") " -d '" fish_text(help[verb, i]) "'"
    }
}

END {
    if (shell == "bash")
        bash()
    else if (shell == "zsh")
        zsh()
    else
        fish()
}
