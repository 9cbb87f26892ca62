#compdef nsrun
# Completion of nsrun for zsh, made by: nsrun --completion zsh

_nsrun_signals() {
    compset -P SIG
    compadd "$@" - @signals@
}

# The ids in the database $1, passwd or group, with their names.
_nsrun_ids() {
    local -a ids=(${(f)"$(getent $1 | awk -F: '{ print $3 ":" $1 }')"})
    _describe id ids
}

# Names may be cut short, but _arguments wants all of them.
_nsrun_complete_names() {
    setopt local_options extended_glob
    # Without this the words would come back at the end.
    compstate[restore]=
    local -a names=(@names@)
    local -a taking=(@taking_names@) found
    local name i

    for ((i = 2; i < CURRENT; i++)); do
        case $words[i] in
        --) break ;;
        --*)
            name=${${words[i]#--}%%=*}
            found=(${(M)names:#$name*})
            [[ -z ${(M)names:#$name} ]] || found=($name)
            (($#found == 1)) || continue
            words[i]=--$found${words[i]#--$name}
            [[ $words[i] = *=* || -z ${(M)taking:#$found} ]] || ((i++))
            ;;
        -[^-@taking_letters@]#[@taking_letters@]) ((i++)) ;;
        -?*) ;;
        *) break ;;
        esac
    done
}

_nsrun() {
    # _arguments takes a "--" that comes first for the program.
    if [[ $CURRENT -gt 2 && $words[2] = -- ]]; then
        shift 2 words
        ((CURRENT -= 2))
        _normal
        return
    fi
    _nsrun_complete_names
    _arguments -s -S -A '-*' \
        @zsh_options@ \
        '(-):program: _command_names -e' \
        '*::argument:_normal'
}

# zsh runs this file as the function, unless it is read by source.
if [[ $funcstack[1] = _nsrun ]]; then
    _nsrun "$@"
else
    compdef _nsrun nsrun
fi
