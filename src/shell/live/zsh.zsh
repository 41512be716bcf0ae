# What guard adds to an interactive zsh: before a line that was accepted goes to the parser, guard
# is asked about it over two named pipes. Builtins alone; nothing is exported, nothing stays open.
# Above this stand __guard_dir, __guard_secret and __guard_off.

# Puts the state that judging asks for into a message: variables $1, functions $2, aliases $3.
function __guard_state {
	builtin local __guard_name __guard_type
	for __guard_name in ${=1}; do
		__guard_type=${(tP)__guard_name}
		# A NUL, which IFS has, would end the field.
		[[ "${(P)__guard_name}" != *$'\0'* ]] || __guard_type=array
		case $__guard_type in
		'') ;;
		(array|association)*)
			builtin printf 'declaration\0'
			builtin typeset -p -- $__guard_name
			builtin printf '\0'
			;;
		*export*) builtin printf '%s\0' variable $__guard_name x "${(P)__guard_name}" ;;
		*) builtin printf '%s\0' variable $__guard_name '' "${(P)__guard_name}" ;;
		esac
	done
	if [[ -n $2 ]]; then
		builtin printf 'function\0'
		builtin functions -- ${=2}
		builtin printf '\0alias\0'
		for __guard_name in ${=3}; do
			# With `=` it would make an alias, or fail.
			[[ $__guard_name == *=* ]] || builtin alias -L -- $__guard_name
		done
		builtin printf '\0'
	fi
	builtin printf 'end\0'
}

# Waits for an answer, with the options $1 of read; leaves it in __guard_verb, __guard_text and __guard_message. One
# to an earlier question has another number.
function __guard_hear {
	builtin local -a __guard_said
	while builtin read -r -d '' ${=1} __guard_verb 0<>$__guard_dir/answer; do
		__guard_said=("${(@0)$(<$__guard_dir/said)}")
		(( $#__guard_said >= 3 )) || return
		if [[ $__guard_said[1] == "$__guard_secret $__guard_asked "* ]]; then
			__guard_verb=${__guard_said[1]##* } __guard_text=$__guard_said[2] __guard_message=$__guard_said[3]
			return 0
		fi
	done
	return 1
}

# Asks about the line $2 behind the lines $1. What was asked for with earlier lines, and the words that may be commands,
# are told at once. Leaves the answer as __guard_hear does.
function __guard_judge {
	builtin local __guard_patience='-t 20' __guard_part __guard_words=
	builtin local -a __guard_list
	if [[ $1$2 == *$'\0'* ]]; then
		# It would read as more than the line.
		__guard_verb=refuse __guard_message='guard: refused: it has a NUL character'
		return
	fi
	if (( $#2 < 2000 )); then
		for __guard_part in ${(f)${2//[;&|(]/$'\n'}}; do
			__guard_list=(${=__guard_part})
			__guard_words+=" $__guard_list[1]"
		done
	fi
	(( ++__guard_asked, $#__guard_variables < 2000 )) || __guard_variables=
	{
		builtin printf '%s\0' $__guard_secret $__guard_asked $$ "$PWD" $#__guard_messages "$1" "$2" 0 \
			"$__guard_variables" "$__guard_words"
		__guard_state "$__guard_variables" "$__guard_words" "${__guard_words:+${2//[;&|()]/ }}"
	} 1<>$__guard_dir/question
	while __guard_hear "$__guard_patience"; do
		case $__guard_verb in
		state)
			__guard_variables+=" $__guard_text"
			__guard_state "$__guard_text" "$__guard_message" "$__guard_message" 1<>$__guard_dir/question
			;;
		wait)
			__guard_patience=
			BUFFER=$__guard_line
			zle -I
			BUFFER="guard-refused 0"
			builtin printf 'end\0' 1<>$__guard_dir/question
			;;
		*) return 0 ;;
		esac
	done
	__guard_verb=refuse
	__guard_message='guard: refused: nobody answers who could judge it'
}

# The widget zle-line-finish: every line comes here, whatever accepted it. What was there before
# goes first, for it may change the line.
function __guard_finish {
	{
		[[ $__guard_inside == 0 ]] || return 0
		builtin local __guard_inside=1
	} 2>/dev/null
	# In the user's own options, not in those of a function of guard's.
	if { [[ -n "${widgets[__guard_finish_theirs]-}" ]] } 2>/dev/null; then
		zle __guard_finish_theirs
	fi
	{
		if [[ -n $__guard_aborted ]]; then
			zle -I
			BUFFER=$__guard_aborted __guard_aborted=
			return
		fi
		__guard_check
	} 2>/dev/null
}

function __guard_check {
	builtin emulate -L zsh
	# What it prints would go into the question. It is the user's again behind this function.
	builtin trap - DEBUG
	[[ $CONTEXT == (start|cont) && $PREBUFFER$BUFFER == *[^[:space:]]* ]] || return 0
	builtin local __guard_before="$PREBUFFER" __guard_line="$BUFFER" __guard_expanded __guard_cursor="$CURSOR"
	builtin local __guard_verb __guard_text __guard_message __guard_part
	typeset -a __guard_words __guard_shown
	# Where anything fails below, this runs.
	BUFFER="guard-refused 0"
	if [[ $__guard_bang == on && $__guard_line == *[$histchars[1,2]]* ]]; then
		__guard_shown=("${region_highlight[@]}")
		BUFFER=$__guard_line
		zle .expand-history
		__guard_expanded=$BUFFER
		BUFFER="guard-refused 0"
	fi
	if (( $#galiases )); then
		# Such an alias stands for any word of the line.
		for __guard_text in ${(z)${__guard_expanded:-$__guard_line}}; do
			__guard_words+=("${galiases[$__guard_text]-$__guard_text}")
		done
		__guard_expanded="$__guard_words"
	fi
	__guard_judge "$__guard_before" "$__guard_line"
	if [[ $__guard_verb == run && -n $__guard_expanded && $__guard_expanded != $__guard_line ]]; then
		__guard_judge "$__guard_before" "$__guard_expanded"
	fi
	case $__guard_verb in
	run)
		BUFFER=$__guard_line CURSOR=$__guard_cursor
		(( ! $#__guard_shown )) || region_highlight=("${__guard_shown[@]}")
		return
		;;
	replace | whole)
		BUFFER=$__guard_text CURSOR=$#__guard_text
		__guard_part="guard-refused $#__guard_messages"
		__guard_lines[$#__guard_messages]=${${__guard_line#"${__guard_text%%"$__guard_part"*}"}%"${__guard_text##*"$__guard_part"}"}
		__guard_messages+=("$__guard_message")
		return
		;;
	esac
	# The line stays on the screen as it is, and the stand-in follows without being shown.
	BUFFER=$__guard_line CURSOR=$#__guard_line
	zle -I
	__guard_lines[$#__guard_messages]=$__guard_line
	__guard_messages+=("$__guard_message")
	BUFFER=" guard-refused $(( $#__guard_messages - 1 ))"
	if [[ $CONTEXT == cont ]]; then
		# The parser has the lines before it: all of them are given up, and the stand-in is
		# accepted at the next prompt.
		__guard_aborted=$BUFFER
		(( ! $+widgets[zle-line-init] )) || zle -A zle-line-init __guard_init_theirs
		zle -N zle-line-init __guard_init
		builtin kill -INT $$
	fi
}

# The widget zle-line-init, once.
function __guard_init {
	builtin emulate -L zsh
	zle -D zle-line-init
	if (( $+widgets[__guard_init_theirs] )); then
		zle -A __guard_init_theirs zle-line-init
		zle -D __guard_init_theirs
	fi
	zle .accept-line
}

# Stands in for a refused command. Where that was a line, the history gets it now: while functions of the user's are told
# of the command, the stand-in must be the latest entry, or they take the command for none.
function guard-refused {
	{
		builtin local __guard_space="$options[histignorespace]"
		builtin emulate -L zsh +x
	} 2>/dev/null
	[[ -z $__guard_refused || $__guard_space == on && $__guard_refused == ' '* ]] || builtin print -sr -- $__guard_refused
	__guard_refused=
	builtin print -ru2 -- $__guard_messages[$1+1]
	return 126
}

# What stands in for a line stays in the history until the line takes its place. What the user's hooks are told of is the
# line: one of guard's, in their place for this command, calls them.
function __guard_history {
	{
		(( $#__guard_lines )) || return 0
		builtin emulate -L zsh +x
	} 2>/dev/null
	builtin local __guard_name
	__guard_refused=${${1%$'\n'}/#" guard-refused"/guard-refused}
	for __guard_name in ${(kOn)__guard_lines}; do
		__guard_refused=${__guard_refused//"guard-refused $__guard_name"/"$__guard_lines[$__guard_name]"}
	done
	__guard_lines=()
	if [[ $__guard_refused == ${1%$'\n'} ]]; then
		__guard_refused=
		return 0
	fi
	__guard_hooks=($preexec_functions)
	preexec_functions=(__guard_preexec)
	if (( $+functions[preexec] )); then
		__guard_hooks[1,0]=preexec
		functions[__guard_preexec_theirs]=$functions[preexec]
		unfunction preexec
	fi
	return 1
}

function __guard_preexec {
	{
		builtin local __guard_status=$? __guard_hook
		# Up to the end of this function.
		builtin unsetopt xtrace
	} 2>/dev/null
	__guard_put_back
	for __guard_hook in "${__guard_hooks[@]}"; do
		(( $+functions[$__guard_hook] )) || continue
		__guard_return $__guard_status
		"$__guard_hook" "$__guard_refused" "$__guard_refused" "$__guard_refused"
	done
}

function __guard_return {
	return $1
}

function __guard_put_back {
	builtin emulate -L zsh
	preexec_functions=(${__guard_hooks:#preexec})
	if (( $+functions[__guard_preexec_theirs] )); then
		functions[preexec]=$functions[__guard_preexec_theirs]
		unfunction __guard_preexec_theirs
	fi
}

# Says in front of a prompt that guard is off or its configuration broken, where either may be: last of all that stands
# in front of prompts, which is still about the command before.
function __guard_tell {
	{ builtin emulate -L zsh +x } 2>/dev/null
	if [[ $precmd_functions[-1] != __guard_tell ]]; then
		precmd_functions=(${precmd_functions:#__guard_tell} __guard_tell)
	fi
	[[ -e $__guard_off || -L $__guard_off || -e $__guard_dir/says ]] || return 0
	builtin trap - DEBUG
	builtin local __guard_verb __guard_text __guard_message
	(( ++__guard_asked ))
	builtin printf '%s\0' $__guard_secret $__guard_asked prompt 1<>$__guard_dir/question
	__guard_hear '-t 20' && [[ -n $__guard_text ]] && builtin print -r -- $__guard_text >/dev/tty
}

# In front of every prompt: what startup files or plugins have put in the widget's place is called
# by it.
function __guard_prompt {
	{
		__guard_bang=$options[banghist] __guard_zle=$options[zle]
		builtin emulate -L zsh +x
	} 2>/dev/null
	# Of a line whose stand-in did not run, too.
	[[ -z $__guard_refused ]] || builtin print -sr -- $__guard_refused
	__guard_refused=
	if [[ $__guard_zle == off && $__guard_told != on ]]; then
		builtin print -ru2 'guard: lines typed here are not judged: line editing is off'
		__guard_told=on
	fi
	if [[ $widgets[zle-line-finish] != user:__guard_finish ]]; then
		(( ! $+widgets[zle-line-finish] )) || zle -A zle-line-finish __guard_finish_theirs
		zle -N zle-line-finish __guard_finish
	fi
}

typeset -gi __guard_inside=0 __guard_asked=0
typeset -g __guard_aborted= __guard_bang= __guard_zle= __guard_refused= __guard_told= __guard_variables=
typeset -ga __guard_messages=() __guard_hooks=()
typeset -gA __guard_lines=()
typeset -ga precmd_functions zshaddhistory_functions
precmd_functions+=(__guard_prompt __guard_tell)
zshaddhistory_functions=(__guard_history $zshaddhistory_functions)
zle -N zle-line-finish __guard_finish
