#compdef nsrun
# Completion of nsrun for zsh, made by: nsrun --completion zsh

# Names may be cut short and quoted, but _arguments wants all of them; and no shell knows "~" there.
_nsrun_complete_names() {
    # Without this the words would come back at the end.
    compstate[restore]=
    local found name word i

    for ((i = 2; i <= CURRENT; i++)); do
        word=${(Q)words[i]}
        ((i < CURRENT)) || word=${PREFIX/#(#b)(-[^-$letters]#[$letters]|--*=)\~\//$match[1]$HOME/}
        case $word in
        --) break ;;
        --*)
            name=${word%%=*}
            found=(${(Mok)marks:#$name*})
            [[ $#found = 1 || $found[1] = $name ]] || continue
            [[ $i = $CURRENT && $word != *=* ]] && break
            words[i]=$found[1]${word#$name}
            ((i < CURRENT)) || PREFIX=$words[i]
            [[ $word = *=* || $marks[$found[1]] != = ]] || ((i++))
            ;;
        -[^-$letters]#[$letters]) ((i++)) ;;
        -?*) ((i < CURRENT)) || PREFIX=$word words[i]=$word ;;
        *) break ;;
        esac
    done
}

_nsrun() {
    # What _arguments wants to know of each option (zshcompsys(1)); by name a "=" for one that needs
    # an argument, and a "=?" for one that may have it; and the letters of those that need one.
    local -a specs
    local -A marks
    local rows='@options@' letters name letter mark argument help choices action others

    # _arguments takes a "--" that comes first for the program.
    if [[ $CURRENT -gt 2 && $words[2] = -- ]]; then
        shift 2 words
        ((CURRENT -= 2))
        _normal
        return
    fi
    for name letter mark argument help choices in "${(@s.@.)${(f)rows}}"; do
        case $argument in
        file) action=_files ;;
        dir) action='_files -/' ;;
        signal) action="{compset -P SIG; compadd \"\$expl[@]\" - ${choices//|/ }}" ;;
        uid\|name) action=_users ;;
        gid\|name) action=_groups ;;
        a,b,c) action='_sequence _parameters -g "*export*"' ;;
        *) action=${choices:+(${choices//|/ })} ;;
        esac
        help=[$help]
        action=":${argument//:/\\:}:${action:- }"
        others=${letter:+(-$letter --$name)}
        [[ $argument != range ]] || others='*'
        [[ $mark != '=?' ]] || action=:$action
        specs+=("$others--$name${mark/\?/-}$help${mark:+$action}")
        # A letter has no argument that the name could do without.
        [[ $mark != = ]] || letters+=$letter help=+$help$action
        [[ -z $letter ]] || specs+=("$others-$letter$help")
        marks[--$name]=$mark
    done
    _nsrun_complete_names
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
