# Completion of nsrun for fish, made by: nsrun --completion fish

# Prints a line for each option: name, letter, whether it takes an argument, what that is called,
# help, and the words that it may be.
function __nsrun_rows
    echo '@options@'
end

# Prints the command line from the program on, if the cursor is there.
function __nsrun_program
    set -l rows (__nsrun_rows)
    # What argparse wants to know of the names, and of the letters, which have no optional argument.
    set -l options (string replace -r '^([^@]*)@.?@([^@]*).*' '$1$2' $rows)
    set -a options (string replace -rf '^[^@]*@(\w)@(=(?!\?)|).*' '$1$2' $rows)
    set -l current (commandline -ct)
    # Without redirections, whose files would be words too.
    set -l line (commandline -pc | string collect)
    set line (string sub -l (math (string length -- $line) - (string length -- "$current")) -- $line)
    string replace -ra '\s[0-9&]*[<>]+[?|]?\s*\S+' ' ' -- $line | read -lat words
    # Of the last word a "-" may be all that is there of an option.
    set -a words (string replace -r '^["\']?((?s).*)' '$1x' -- "$current" | string collect)
    argparse -si $options -- $words[2..] 2>/dev/null; or return
    # What argparse does not know is left as well.
    while not contains -- -- $words; and string match -q -- '-?*' "$argv[1]"
        set -e argv[1]
    end
    set -q argv[1]; or return
    set -e argv[-1]
    string join -- ' ' (string escape -- $argv) $current
    return 0
end

# Without what a list cannot hold, and what would be a home, or would not where one is meant.
function __nsrun_directories
    set -l letters (string replace -rf '^[^@]*@(.)@=@.*' '$1' (__nsrun_rows) | string join '')
    set -l option "^([\"']?)(--[^=]*=|-[^-$letters]*[$letters])"
    set -l token (commandline -ct)
    set -l value (string replace -r $option '$1' -- $token)
    test "$value" = "$token"
    set -l word $status
    string match -q '~*' -- $value
    set -l home $status
    for name in (complete -C"nsrun_has_no_such_command -- $value" | string match -r '^[^\t]*/$')
        if string match -q '~*' -- $name
            test $word = $home; and echo $name
        else if test -d $name
            echo $name
        end
    end
end

# Prints what may be the argument of an option whose name is cut short.
function __nsrun_abbreviation
    set -l current (commandline -ct)
    set -l part (string match -r '^["\']?--([^=]+)([= ])(.*)' -- $current (commandline -opc)[-1]" $current"); or return
    set -l found (string replace -r '@.*' '' (__nsrun_rows) | string match -- "$part[2]*")
    test (count $found) = 1 -a "$found" != $part[2]; or return
    complete -C"nsrun --$found$part[3]$part[4]" | string replace -- "--$found=" "--$part[2]="
end

complete -c nsrun -f
set -l completes_options complete -c nsrun -n 'not __nsrun_program >/dev/null'
$completes_options -a '(__nsrun_abbreviation)'
complete -c nsrun -n __nsrun_program -a '(complete --do-complete=(__nsrun_program))'
__nsrun_rows | while read -l -d @ name letter mark argument help words
    set words (string replace -a '|' ' ' -- $words)
    set -l completes $completes_options -d $help
    test $argument = file; and set -a completes -F; or set -a completes -f
    switch $argument
        case file
            # Nothing beside files, but an "=" is offered.
            set words '(:)'
        case dir
            set words '(__nsrun_directories)'
        case signal
            set -a words "(string match -q '*=SIG*' -- (commandline -ct); and printf 'SIG%s\n' $words)"
        case 'uid|name'
            set words '(__fish_complete_users)'
        case 'gid|name'
            set words '(__fish_complete_groups)'
        case a,b,c
            set words '(__fish_append , (set --names --export))'
    end
    # An optional argument belongs to the name alone.
    test -n "$letter" -a "$mark" = '=?'; and $completes -s $letter
    test -n "$letter" -a "$mark" != '=?'; and set -a completes -s $letter
    test "$mark" = '='; and set -a completes -r
    $completes -l $name -a "$words"
end
