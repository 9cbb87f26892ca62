#compdef nsrun
# Completion of nsrun for zsh, made by: nsrun --completion zsh

# Names may be cut short and quoted, but _arguments wants all of them; and no shell knows "~" there.
_nsrun_complete_names() {
    # Without this the words would come back at the end.
    compstate[restore]=
    local -a found
    local letters=${(j::)${${(M)rows:#*;?;=;*}#*;}%%;*}
    local name word i

    for ((i = 2; i <= CURRENT; i++)); do
        word=${(Q)words[i]}
        ((i < CURRENT)) || word=${PREFIX/#(#b)(-[^-$letters]#[$letters]|--*=)\~\//$match[1]$HOME/}
        case $word in
        --) break ;;
        --*)
            name=${${word#--}%%=*}
            found=(${(M)rows:#$name;*})
            (($#found)) || found=(${(M)rows:#$name*})
            (($#found == 1)) || continue
            [[ $i = $CURRENT && $word != *=* ]] && break
            words[i]=--${found%%;*}${word#--$name}
            ((i < CURRENT)) || PREFIX=$words[i]
            [[ $word = *=* || $found != *\;*\;=\;* ]] || ((i++))
            ;;
        -[^-$letters]#[$letters]) ((i++)) ;;
        -?*) ((i < CURRENT)) || PREFIX=$word words[i]=$word ;;
        *) break ;;
        esac
    done
}

# Sets specs to what _arguments wants to know of each option (zshcompsys(1)).
_nsrun_describe() {
    local row action help others
    local -a field

    for row in $rows; do
        field=("${(@s.;.)row}")
        case $field[4] in
        file) action=_files ;;
        dir) action='_files -/' ;;
        signal) action='{compset -P SIG; compadd "$expl[@]" - @signals@}' ;;
        uid\|name) action=_users ;;
        gid\|name) action=_groups ;;
        a,b,c) action='_sequence _parameters -g "*export*"' ;;
        *) action=${field[5]:+(${field[5]//|/ })} ;;
        esac
        help=${row#*;*;*;*;*;}
        help="[${help//(#m)[\\\[\]:]/\\$MATCH}]"
        action=":${field[4]//:/\\:}:${action:- }"
        others=${field[2]:+(-$field[2] --$field[1])}
        [[ $field[4] != range ]] || others='*'
        [[ $field[3] != '=?' ]] || action=:$action
        specs+=("$others--$field[1]${field[3]/\?/-}$help${field[3]:+$action}")
        # A letter has no argument that the name could do without.
        [[ $field[3] != = ]] || help="+$help$action"
        [[ -z $field[2] ]] || specs+=("$others-$field[2]$help")
    done
}

_nsrun() {
    local -a specs rows=(@options@)

    # _arguments takes a "--" that comes first for the program.
    if [[ $CURRENT -gt 2 && $words[2] = -- ]]; then
        shift 2 words
        ((CURRENT -= 2))
        _normal
        return
    fi
    _nsrun_complete_names
    _nsrun_describe
    _arguments -s -S -A '-*' $specs \
        '(-):program: _command_names -e' \
        '*::argument:_normal'
}

# zsh runs this file as the function, unless it is read by source.
if [[ $funcstack[1] = _nsrun ]]; then
    _nsrun "$@"
else
    compdef _nsrun nsrun
fi
