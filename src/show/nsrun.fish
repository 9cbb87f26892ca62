# Completion of nsrun for fish, made by: nsrun --completion fish

# Prints the command line from the program on, if the cursor is there.
function __nsrun_program
    set -l names @names@
    set -l taking @taking_names@
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l ended
    set -e words[1]
    while not set -q ended[1]; and string match -q -- '-?*' $words[1]
        set -l word $words[1]
        set -e words[1]
        test $word = --; and set ended yes
        set -l name (string replace -r '^--' '' -- $word)
        set -l found (string match -- "$name*" $names)
        contains -- $name $names; and set found $name
        if test (count $found) = 1; and contains -- $found $taking
            or string match -qr '^-[^-@taking_letters@]*[@taking_letters@]$' -- $word
            set -q words[1]; or return 1
            set -e words[1]
        end
    end
    if not set -q ended[1]; and not set -q words[1]; and string match -q -- '-*' $current
        return 1
    end
    string join -- ' ' (string escape -- $words) $current
    return 0
end

function __nsrun_options
    not __nsrun_program >/dev/null
end

function __nsrun_signals
    set -l signals @signals@
    string match -q '*=SIG*' -- (commandline -ct); and set signals SIG$signals
    string join \n $signals
end

function __nsrun_directories
    set -l option '^(--[^=]*=|-[^-@taking_letters@]*[@taking_letters@])'
    __fish_complete_directories (string replace -r $option '' -- (commandline -ct))
end

complete -c nsrun -f
complete -c nsrun -n __nsrun_program -a '(complete --do-complete=(__nsrun_program))'
@fish_options@
