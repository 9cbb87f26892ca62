# Completion of nsrun for bash, made by: nsrun --completion bash
_nsrun() {
    local rows=(@options@)
    local signals='@signals@'
    # By name: a "=" for an option that needs an argument, a "?" for one that may have it; what
    # that is called; the words that it may be. By letter: the name.
    local -A marks=() arguments=() choices=() letters=()
    local name letter mark argument choice row taking=''
    for row in "${rows[@]}"; do
        IFS=';' read -r name letter mark argument choice _ <<<"$row"
        marks[$name]=$mark arguments[$name]=$argument choices[$name]=$choice
        [[ -z $letter ]] || letters[$letter]=$name
        [[ $mark != = ]] || taking+=$letter
    done
    local bundle="^-[^-$taking]*[$taking]"
    local line=${COMP_LINE:0:COMP_POINT} words=() places=() piece awaited='' i

    _nsrun_words
    local last=$((${#words[@]} - 1)) word
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if [[ $awaited ]]; then
            awaited=
        elif [[ $word == -- ]]; then
            _nsrun_program $((i + 1))
            return
        elif [[ $word == --* ]]; then
            _nsrun_find "${word#--}"
            [[ $word == *=* || ${marks[$name]} != = ]] || awaited=$name
        elif [[ $word =~ $bundle ]]; then
            [[ $word != "${BASH_REMATCH[0]}" ]] || awaited=${letters[${word: -1}]}
        elif [[ $word != -?* ]]; then
            _nsrun_program "$i"
            return
        fi
    done

    word=${words[last]}
    if [[ $awaited ]]; then
        _nsrun_argument "$awaited" '' "$word"
    elif [[ $word == --*=* ]]; then
        _nsrun_find "${word#--}"
        _nsrun_argument "$name" "${word%%=*}=" "${word#*=}"
    elif [[ $word =~ $bundle ]]; then
        name=${letters[${BASH_REMATCH[0]: -1}]}
        _nsrun_argument "$name" "${BASH_REMATCH[0]}" "${word#"${BASH_REMATCH[0]}"}"
    elif [[ $word == -* ]]; then
        _nsrun_options
    else
        _nsrun_program "$last"
    fi
}
# Sets words as nsrun gets them, since bash cuts them at "=" and ":" too, and piece to
# what bash takes for the last of them.
_nsrun_words() {
    local rest

    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:blank:]]*}"}
        piece=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || piece=$rest
        if [[ $i != 0 && $rest && $rest == "$line" ]]; then
            words[-1]+=$piece
        else
            words+=("$piece")
            places+=("$i")
        fi
        line=${rest#"$piece"}
    done
}

# Sets name to the one that $1 begins, or to one that no option has.
_nsrun_find() {
    local candidate found=()

    name=${1%%=*}
    for candidate in "${!marks[@]}"; do
        [[ $candidate != "$name" ]] || return
        [[ $candidate != "$name"* ]] || found+=("$candidate")
    done
    name=-
    ((${#found[@]} != 1)) || name=${found[0]}
}

_nsrun_options() {
    local known=${!letters[*]} found=()

    for name in "${!marks[@]}"; do
        found+=("--$name")
        [[ ${marks[$name]} != \? ]] || found+=("--$name=")
    done
    for name in "${!letters[@]}"; do
        [[ ${word#-} == *[!$known]* ]] || found+=("$word$name")
    done
    mapfile -t COMPREPLY < <(compgen -W "${found[*]}" -- "$word")
}
# Completes $3, the argument of the option $1, after $2 in the same word.
_nsrun_argument() {
    local kind=${choices[$1]//|/ } before=$2 value=$3 kept=${word%"$piece"} how

    case ${arguments[$1]} in
    file) kind=-f ;;
    dir) kind=-d ;;
    signal) kind=signal ;;
    'uid|name') kind=-u ;;
    'gid|name') kind=-g ;;
    a,b,c) kind=-e ;;
    esac
    value=${value#[\"\']}
    value=${value//\\/}
    if [[ $kind == signal ]]; then
        kind=$signals
        [[ $value != SIG* ]] || { before+=SIG && value=${value#SIG}; }
    elif [[ $kind == -e && $value == *,* ]]; then
        before+=${value%,*},
        value=${value##*,}
    fi
    how=(-W "$kind")
    [[ $kind != -* ]] || how=("$kind")
    [[ $kind != -[df] ]] || compopt -o filenames
    mapfile -t COMPREPLY < <(compgen "${how[@]}" -- "$value")

    # What readline does not take for a part of the word must not come again.
    [[ $piece == *[!=:]* ]] || kept=$word
    for i in "${!COMPREPLY[@]}"; do
        value=${COMPREPLY[i]}
        COMPREPLY[i]=$before$value
        COMPREPLY[i]=${COMPREPLY[i]#"$kept"}
        [[ $kind == -[df] && ${COMPREPLY[i]} != "$value" && -d $value ]] || continue
        COMPREPLY[i]+=/
        compopt -o nospace
    done
}

# Word $1 is the program: its own completion comes from bash-completion, if that is there.
_nsrun_program() {
    COMPREPLY=()
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "${places[$1]}"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "${places[$1]}"
    elif (($1 == last)); then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -cd -- "${words[last]}" | sort -u)
    else
        compopt -o bashdefault -o default
    fi
}

complete -F _nsrun nsrun
