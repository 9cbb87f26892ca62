# Completion of nsrun for bash, made by: nsrun --completion bash
_nsrun() {
    # Whatever the shell is set to, it is so again in the end.
    local - IFS=$' \t\n' nocasematch
    set +efu
    nocasematch=$(shopt -p nocasematch)
    shopt -u nocasematch
    _nsrun_complete
    $nocasematch
}

_nsrun_complete() {
    # By name: a "=" for an option that needs an argument, a "=?" for one that may have it; what
    # that is called; the words that it may be. By letter: the name.
    local -A marks=() arguments=() choices=() letters=()
    local name letter mark argument choice names='' taking=''
    while IFS=@ read -r name letter mark argument _ choice; do
        name=--$name
        marks[$name]=$mark arguments[$name]=$argument choices[$name]=$choice
        [[ -z $letter ]] || letters[$letter]=$name
        [[ $mark != = ]] || taking+=$letter
        names+=" $name"
        [[ $mark != =\? ]] || names+=" $name="
    done <<<'@options@'
    local bundle="^-[^-$taking]*[$taking]"
    local words=() places=() word text open inside kept='' before found=() option awaited='' i

    COMPREPLY=()
    _nsrun_words || return
    local last=$((${#words[@]} - 1)) value=${words[-1]}
    # option is whose argument the word is, after what is before it in the same word.
    for ((i = 1; i <= last; i++)); do
        word=${words[i]} before='' option=$awaited awaited=''
        if [[ $option ]]; then
            continue
        elif [[ $word != -* || ($word == @(-|--) && $i -lt $last) ]]; then
            [[ $word != -- ]] || ((i++))
            _nsrun_program "$i"
            return
        elif [[ $word == --* ]]; then
            # It may be cut short. Where that begins several, no option is called like all of them.
            name=${word%%=*}
            [[ ${marks[$name]+known} ]] || name=$(compgen -W "${!marks[*]}" -- "$name" || echo -)
            if [[ $word == *=* ]]; then
                option=$name before=${word%%=*}=
            elif [[ ${marks[$name]} == = ]]; then
                awaited=$name
            fi
        elif [[ $word =~ $bundle ]]; then
            before=${BASH_REMATCH[0]}
            option=${letters[${before: -1}]}
            [[ $word != "$before" ]] || awaited=$option
        fi
    done
    value=${value#"$before"}
    if [[ $option ]]; then
        _nsrun_argument
    else
        local known=("${!letters[@]}")
        [[ ${word#-} == *[!${known[*]}]* ]] || names+=" ${known[*]/#/"$word"}"
        _nsrun_offer -W "$names"
    fi
}

# Sets words as nsrun gets them, which bash cuts at "=" and ":" too and leaves in their quotes,
# among redirections; open to a quote that has no end; and kept to what readline lets be of the
# last of them. Fails where a redirection's file is typed.
_nsrun_words() {
    local line=${COMP_LINE:0:COMP_POINT} raw=('') piece rest
    local redirection='^[0-9]*[<>]' operator='^[0-9]*[<>|&]+$'

    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:blank:]]*}"}
        piece=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || piece=$rest
        if [[ (! $rest || $rest != "$line") && ! ${raw[-1]} =~ $operator ]] ||
            [[ $piece == [\<\>]* && ! ${raw[-1]} =~ ^[0-9]+$ ]]; then
            raw[i]=
        fi
        raw[-1]+=$piece
        line=${rest#"$piece"}
    done
    for i in "${!raw[@]}"; do
        [[ ! ${raw[i]} =~ $redirection ]] || continue
        _nsrun_unquote "${raw[i]}"
        words+=("$text") places+=("$i")
    done
    if [[ ${raw[-1]} =~ $redirection ]]; then
        compopt -o filenames -o default
        return 1
    fi
    [[ $piece == *[!=:]* ]] || kept=$text
    [[ ! $open ]] || kept=$inside
}

# Sets text to $1 without its quotes, open to one that has no end, inside to the text before that,
# and kept to the text before piece.
_nsrun_unquote() {
    local rest=$1 char

    text='' open=''
    while [[ $rest ]]; do
        [[ $rest != "$piece" ]] || kept=$text
        char=${rest:0:1} rest=${rest:1}
        case $open$char in
        \'\' | \"\") open= ;;
        \' | \") open=$char inside=$text ;;
        \\ | \"\\)
            [[ ! $open || ${rest:0:1} == [\\\"\$\`] ]] || text+=\\
            text+=${rest:0:1} rest=${rest:1}
            ;;
        *) text+=$char ;;
        esac
    done
}

# Completes value, the argument of option, after what is before it in the same word.
_nsrun_argument() {
    case ${arguments[$option]} in
    file) _nsrun_paths -e default ;;
    dir) _nsrun_paths -d dirnames ;;
    signal)
        [[ $value != SIG* ]] || before+=SIG value=${value#SIG}
        ;;&
    'uid|name') _nsrun_offer -u ;;
    'gid|name') _nsrun_offer -g ;;
    a,b,c)
        [[ $value != *,* ]] || before+=${value%,*}, value=${value##*,}
        _nsrun_offer -e
        ;;
    *) _nsrun_offer -W "${choices[$option]//|/ }" ;;
    esac
}

# Completes a path for which test(1) has $1. Where there is none readline itself tries what it calls
# $2: it knows "~" and "$HOME", if they are a word or begin one.
_nsrun_paths() {
    [[ $open || $value != \~/* ]] || ((!${#before})) || value=$HOME/${value#*/}
    [[ $value == \~* && ! $before$open ]] || mapfile -d '' -t found < <(
        unset -v GLOBIGNORE
        shopt -s nullglob dotglob
        shopt -u failglob nocaseglob
        for name in "$value"*; do
            [[ ! -d $name ]] || name+=/
            ! test "$1" "$name" || printf '%s\0' "$name"
        done
    )
    ((${#found[@]} && COMP_TYPE != 63)) || compopt -o filenames -o "$2"
    _nsrun_reply
}

# Completes value to what compgen knows.
_nsrun_offer() {
    mapfile -t found < <(compgen "$@" -- "$value")
    _nsrun_reply
}

# Makes of found what readline puts in place of the word: quoted, since readline quotes files only.
_nsrun_reply() {
    local name common=${found[0]-} several='' special='[^a-zA-Z0-9./_,:@%+=-]'

    for name in "${found[@]}"; do
        [[ $name == "$common" ]] || several=yes
        while [[ $name != "$common"* ]]; do
            common=${common%?}
        done
    done
    # What all have in common may end within a quoted character.
    if [[ $several && $COMP_TYPE == 9 ]]; then
        found=("$common")
        ((${#common} > ${#value})) || found=()
    fi
    [[ ! $several && ${found[*]} != */ ]] || compopt -o nospace
    [[ ! $open ]] || special=$'[\'"\\$`!]'
    for name in "${found[@]/#/"$before"}"; do
        name=${name#"$kept"}
        # A list of all shows them as they are. Where a quote is open readline sees that it is here.
        if ((COMP_TYPE != 63)) && [[ $name =~ $special ]]; then
            printf -v name %s%q%s "$open$open" "$name" "$open$open"
        fi
        COMPREPLY+=("$name")
    done
}

# Word $1 is the program. Its own completion comes from bash-completion, if that is there.
_nsrun_program() {
    if (($1 < last)); then
        read -r name _ < <(declare -F _comp_command_offset _command_offset)
        if [[ $name ]]; then
            "$name" "${places[$1]}"
        else
            compopt -o bashdefault -o default
        fi
    elif [[ $value == */* ]]; then
        _nsrun_paths -x default
    else
        mapfile -t found < <(compgen -c -- "$value"; compgen -S / -d -- "$value")
        _nsrun_reply
    fi
}

complete -F _nsrun nsrun
