# What guard adds to an interactive bash (5.1 or later), behind the startup files: before a line is accepted,
# guard is asked about it over two named pipes. Builtins alone; nothing is exported, nothing
# stays open. Above this stand __guard_started, __guard_dir, __guard_secret and __guard_off, and a DEBUG trap is taken out
# to a file.

# No alias of the user's is to change what follows.
\builtin shopt -q expand_aliases && __guard_aliases=on
\builtin shopt -u expand_aliases

# Puts the state that judging asks for into a message: variables $1, functions $2, aliases $3.
__guard_state() {
	\builtin local __guard_name
	for __guard_name in $1; do
		case ${!__guard_name@a} in
		*[aA]*)
			\builtin printf 'declaration\0'
			\builtin declare -p "$__guard_name"
			\builtin printf '\0'
			;;
		*)
			if [[ -v $__guard_name ]]; then
				\builtin printf 'variable\0%s\0%s\0%s\0' "$__guard_name" \
					"${!__guard_name@a}" "${!__guard_name}"
			fi
			;;
		esac
	done
	if [[ $2 ]]; then
		\builtin printf 'function\0'
		\builtin declare -f -- $2
		\builtin printf '\0alias\0'
		for __guard_name in $3; do
			# With `=` it would make an alias.
			[[ $__guard_name == *=* ]] || \builtin alias -- "$__guard_name"
		done
		\builtin printf '\0'
	fi
	\builtin printf 'end\0'
}

# Waits $1 seconds for an answer; leaves it in __guard_verb, __guard_text and __guard_message. One to an earlier
# question has another number.
__guard_hear() {
	while \builtin read -r -d '' -t "$1" __guard_verb <>"$__guard_dir/answer"; do
		{
			\builtin read -r -d '' __guard_verb && \builtin read -r -d '' __guard_text &&
				\builtin read -r -d '' __guard_message
		} <"$__guard_dir/said" || return
		if [[ $__guard_verb == "$__guard_secret $__guard_asked "* ]]; then
			__guard_verb=${__guard_verb##* }
			return 0
		fi
	done
	return 1
}

# Asks about the line $1 where the shell has the parameters $2 and on. What was asked for with earlier lines, and the
# words that may be commands, are told at once. Leaves the answer as __guard_hear does.
__guard_judge() {
	\builtin local __guard_patience=20 __guard_part __guard_words=
	if ((${#1} < 2000)); then
		IFS=$'\n'
		for __guard_part in ${1//[;&|(]/$'\n'}; do
			__guard_part=${__guard_part#"${__guard_part%%[![:space:]]*}"}
			__guard_part=${__guard_part%%[[:space:]]*}
			# No command, and `declare -f` would end at it.
			[[ $__guard_part == *=* ]] || __guard_words+=" $__guard_part"
		done
		IFS=$' \t\n'
	fi
	((++__guard_asked, ${#__guard_variables} < 2000)) || __guard_variables=
	{
		\builtin printf '%s\0' "$__guard_secret" "$__guard_asked" "$$" "$PWD" "${#__guard_messages[@]}" \
			"$__guard_pending" "$1" "$(($# - 1))" "${@:2}" "$__guard_variables" "$__guard_words"
		__guard_state "$__guard_variables" "$__guard_words" "${__guard_words:+${1//[;&|()]/ }}"
	} 1<>"$__guard_dir/question" 2>/dev/null
	while __guard_hear "$__guard_patience"; do
		case $__guard_verb in
		state)
			__guard_variables+=" $__guard_text"
			__guard_state "$__guard_text" "$__guard_message" "$__guard_message" 1<>"$__guard_dir/question" 2>/dev/null
			;;
		wait)
			__guard_patience=86400
			\builtin printf 'end\0' 1<>"$__guard_dir/question"
			;;
		*) return 0 ;;
		esac
	done
	__guard_verb=refuse __guard_text=
	__guard_message='guard: refused: nobody answers who could judge it'
}

# The history expansion of the line $1, in __guard_text; fails where there is none. A process of
# its own, since `history -p` takes the last entry away first.
__guard_expand() {
	\builtin local __guard_chars="${histchars-!^}"
	[[ $- == *H* && ($1 == *"${__guard_chars:0:1}"* || $1 == "${__guard_chars:1:1}"*) ]] || return 1
	__guard_text=$(
		\builtin set +o history
		\builtin history -s x
		\builtin history -d -1
		\builtin history -p "$1"
	) && [[ $__guard_text != "$1" ]]
}

# Behind what else stands in front of prompts, and not in the place of it: `$PROMPT_COMMAND` is the first.
__guard_hooked() {
	[[ ${PROMPT_COMMAND[*]-} != *__guard_before_prompt* ]] || return 0
	[[ ${PROMPT_COMMAND[*]@a} == *a* ]] || __guard_plain=on
	\builtin local -a __guard_places
	__guard_places=(0 "${!PROMPT_COMMAND[@]}")
	PROMPT_COMMAND[__guard_places[-1]+1]=$__guard_hook
}

# For a line behind which nothing is to be done in front of the prompt: `$PROMPT_COMMAND` as the user has it, if that is
# for programs, too, which get no array, or if the line names it.
__guard_unhook() {
	[[ (${PROMPT_COMMAND[*]@a} == *x* || $1 == *PROMPT_COMMAND*) && $__guard_step && :$SHELLOPTS: == *:history:* &&
		! $__guard_untraced && $1 != *trap* && $1 != *set\ [-+]* && ! -e $__guard_off && ! -L $__guard_off && ! -e $__guard_dir/says ]] || return 0
	\builtin local __guard_place __guard_value="${PROMPT_COMMAND-}" __guard_export=
	[[ ${PROMPT_COMMAND[*]@a} != *x* ]] || __guard_export=x
	for __guard_place in "${!PROMPT_COMMAND[@]}"; do
		[[ ${PROMPT_COMMAND[__guard_place]} != "$__guard_hook" ]] || \builtin unset "PROMPT_COMMAND[$__guard_place]"
	done
	if [[ $__guard_plain && ${!PROMPT_COMMAND[*]} =~ ^0?$ ]]; then
		__guard_place=${!PROMPT_COMMAND[*]}
		\builtin unset PROMPT_COMMAND
		[[ ! $__guard_place ]] || \builtin declare "-g$__guard_export" PROMPT_COMMAND="$__guard_value"
	fi
	__guard_plain=
}

# Whether readline reads a command, and not what a command reads. While one runs, its number is already the next one's,
# and `$HISTCMD` one less than it would be at a prompt. Asking for either of these two ends the walk through the
# history that operate-and-get-next goes on with.
__guard_reads_command() {
	if [[ ${__guard_hash@P} != "$__guard_number" ]]; then
		[[ ${PROMPT_COMMAND[*]-} != *__guard_before_prompt* ]] || return 1
		\builtin local __guard_event='\!'
		__guard_event=${__guard_event@P}
		[[ ! $__guard_step || $__guard_event == 1 || ${HISTCMD-} != "$((__guard_event - __guard_step - 1))" ]] ||
			return 1
		# Nothing told of this prompt, but what was pending has run.
		__guard_pending= __guard_number=${__guard_hash@P}
	fi
	__guard_hooked
}

# Bound in front of accept-line. The words are the status, the shell's own parameters and $_, which a call leaves as
# its last.
__guard_check() {
	{
		__guard_status=$1 __guard_goes_on=
		\builtin local __guard_before="$__guard_pending"
		__guard_checked "${@:2:$#-2}" && __guard_again && { [[ ! $__guard_before ]] || __guard_retrace; }
	} 2>/dev/null || __guard_refuse
}

# Says something else than a line, and waits for the answer.
__guard_say() {
	((++__guard_asked))
	\builtin printf '%s\0' "$__guard_secret" "$__guard_asked" "$1" 1<>"$__guard_dir/question"
	__guard_hear 20
}

# Where a terminal cannot erase a line, readline shows it once more behind the check: guard leaves that out.
__guard_again() {
	[[ ${TERM:-dumb} != dumb ]] || __guard_say again || return 0
}

# Binds the check: a simple command, which reads as one whatever bash is in the middle of. With $1 bash is at the
# start of a command and traces (`set -x`): then groups read as such, and nothing of the check is shown.
__guard_bind_check() {
	\builtin local __guard_map __guard_call='__guard_check "$?" "$@" "$_"'
	[[ ! $1 ]] || __guard_call='{ __guard_last=("$?" "$@" "$_"); __guard_untrace; } 2>/dev/null
__guard_check "${__guard_last[@]}"; __guard_retrace "${__guard_last[@]: -1}"'
	for __guard_map in emacs vi-insert vi-command; do
		\builtin bind -m "$__guard_map" -x "\"${__guard_at}c\": $__guard_call"
	done
	__guard_traced=$1
}

# Up to the line that ends the command, or to the next prompt, nothing is traced, and no DEBUG trap is told: what it
# does may not read as commands while bash is in the middle of one.
__guard_untrace() {
	__guard_untraced=on
	\builtin set +x
}

__guard_retrace() {
	[[ ! $__guard_goes_on ]] || return 0
	\builtin local __guard_trap="$__guard_parked" __guard_trace="$__guard_untraced"
	__guard_parked= __guard_untraced=
	# Either is last: what follows would be traced, and whatever a trap is told of makes bash forget that a quote is open.
	if [[ $__guard_trap ]]; then
		{
			[[ ! $__guard_trace ]] || \builtin set -x
			\builtin trap -- "$__guard_trap" DEBUG
		} 2>/dev/null
	elif [[ $__guard_trace ]]; then
		\builtin set -x
	fi
}

__guard_checked() {
	\builtin local - IFS=$' \t\n' __guard_line="$READLINE_LINE"
	\builtin set +euxvT -f
	# Nothing is said: what would hear the answer breaks the keys of a `read -e`.
	__guard_reads_command || return 0
	[[ $__guard_pending || $__guard_line == *[![:space:]]* ]] || {
		__guard_say empty
		return 0
	}
	[[ ! $__guard_traced ]] || __guard_bind_check ''
	__guard_verb=run
	if __guard_expand "$__guard_line"; then
		\builtin local __guard_raw="$__guard_line"
		__guard_line=$__guard_text
		[[ -z $__guard_pending ]] || __guard_judge "$__guard_raw" "$@"
	fi
	[[ $__guard_verb != run ]] || __guard_judge "$__guard_line" "$@"
	case $__guard_verb in
	run)
		__guard_pending+=$__guard_line$'\n' __guard_goes_on=$__guard_text
		if [[ ! $__guard_goes_on ]]; then
			__guard_unhook "$__guard_line"
		elif [[ $__guard_theirs && ! $__guard_parked ]]; then
			__guard_parked=$__guard_wrapped
			\builtin trap -- '' DEBUG
		fi
		;;
	replace | whole)
		\builtin local __guard_stand="guard-refused ${#__guard_messages[@]}"
		\builtin local __guard_ahead="${__guard_text%%"$__guard_stand"*}" __guard_behind="${__guard_text##*"$__guard_stand"}"
		__guard_lines[${#__guard_messages[@]}]=${__guard_line:${#__guard_ahead}:${#__guard_line}-${#__guard_ahead}-${#__guard_behind}}
		__guard_messages+=("$__guard_message")
		if [[ $__guard_verb == whole && :$SHELLOPTS: == *:history:* && ! ${__guard_ignored-} ]]; then
			__guard_remember
			__guard_ignored=${HISTIGNORE-}:
			HISTIGNORE="*$__guard_stand*"
		fi
		READLINE_LINE=$__guard_text
		READLINE_POINT=${#READLINE_LINE}
		__guard_pending+=$__guard_text$'\n'
		;;
	*) return 1 ;;
	esac
}

__guard_return() {
	return "$1"
}

# The line goes to the history as it was typed.
__guard_remember() {
	[[ $READLINE_LINE == [[:blank:]]* && $HISTCONTROL == *ignore@(space|both)* ]] || \builtin history -s -- "$READLINE_LINE"
}

# The stand-in in a line that went to the history before has been left out there.
__guard_ignore_no_more() {
	[[ ${__guard_ignored-} ]] || return 0
	HISTIGNORE=${__guard_ignored%:}
	[[ $HISTIGNORE ]] || \builtin unset HISTIGNORE
	\builtin unset __guard_ignored
}

# Shows the refused line as readline would have left it, and has the stand-in accepted in its
# place, unseen and left out of the history, to which the line itself goes. What is already with
# the parser is thrown away first; the stand-in then follows at a prompt of its own.
__guard_refuse() {
	{
		\builtin local - __guard_prompt="${PS1-}"
		\builtin set +eux
	} 2>/dev/null
	[[ -z $__guard_pending ]] || __guard_prompt=${PS2-}
	__guard_return "$__guard_status"
	__guard_prompt=${__guard_prompt@P}
	__guard_prompt=${__guard_prompt##*$'\n'}
	[[ $__guard_aborted || $__guard_text == shown || ${TERM:-dumb} == dumb ]] || \builtin printf '%s%s\n' "${__guard_prompt//[$'\001\002']/}" \
		"${READLINE_LINE//[$'\001'-$'\010'$'\013'-$'\037'$'\177']/?}" >&2
	[[ $__guard_aborted ]] || __guard_refused=$READLINE_LINE
	__guard_history=${HISTCONTROL-unset}
	if [[ :$SHELLOPTS: == *:history:* && -z $__guard_aborted ]]; then
		__guard_remember
	fi
	if [[ $__guard_pending ]]; then
		__guard_pending= __guard_aborted=1
		__guard_accept "${__guard_at}r${__guard_at}n"
		\builtin kill -INT $$
		return
	fi
	[[ -z $__guard_aborted ]] || __guard_accept
	__guard_aborted=
	HISTCONTROL=ignorespace
	READLINE_LINE=" guard-refused ${#__guard_messages[@]}"
	READLINE_POINT=${#READLINE_LINE}
	__guard_lines[${#__guard_messages[@]}]=$__guard_refused
	__guard_messages+=("$__guard_message")
	\exec {__guard_error}>&2 2>/dev/null
}

# Undoes what hid the stand-in.
__guard_show() {
	\exec 2>&"$__guard_error" {__guard_error}>&-
	\builtin unset __guard_error
	if [[ $__guard_history == unset ]]; then \builtin unset HISTCONTROL; else HISTCONTROL=$__guard_history; fi
}

# Stands in for a refused command.
guard-refused() {
	{
		\builtin local -
		\builtin set +x
		__guard_ignore_no_more
	} 2>/dev/null
	if [[ ${__guard_error-} ]]; then
		__guard_show
		\builtin local __guard_prompt="${PS0-}"
		\builtin printf '%s' "${__guard_prompt@P}" >&2
	fi
	\builtin printf '%s\n' "${__guard_messages[$1]}" >&2
	return 126
}

# The DEBUG trap of others is not for what guard does, and of a refused line it is told as of any other. $1 is what
# `trap -p` says.
__guard_debug() {
	[[ $1 != "trap -- '' DEBUG" ]] || return 0
	[[ $1 ]] || __guard_theirs=
	[[ $1 && $1 != *__guard_* ]] || return 0
	\builtin local __guard_trap="${1#*"-- "}"
	\builtin eval "__guard_theirs=${__guard_trap% *}"
	__guard_wrapped='case $BASH_COMMAND${FUNCNAME+ $FUNCNAME} in *__guard_* | *\ guard-refused) ;;
guard-refused\ *) __guard_tell_theirs "$?" "$_" ;; *)
'"$__guard_theirs"'
;; esac'
	\builtin trap -- "$__guard_wrapped" DEBUG
}

__guard_tell_theirs() {
	\builtin local BASH_COMMAND="${BASH_COMMAND#guard-refused }"
	BASH_COMMAND=${__guard_lines[${BASH_COMMAND%%[!0-9]*}]}
	__guard_return "$1" "$2"
	\builtin eval "$__guard_theirs"
}

__guard_prompt() {
	\builtin local - IFS=$' \t\n' __guard_line __guard_flags=$-
	\builtin set +euxvT
	if [[ $__guard_flags == *x* ]]; then __guard_bind_check on; fi
	__guard_pending= __guard_number=${__guard_hash@P} __guard_line='\!'
	__guard_line=${__guard_line@P}
	((__guard_line < 2)) || [[ ${HISTCMD-} != +([0-9]) ]] || __guard_step=$((__guard_line - HISTCMD))
	\builtin read -r -d '' __guard_line <"$__guard_dir/trap"
	__guard_debug "$__guard_line"
	[[ -z ${__guard_error-} ]]
}

# In front of every primary prompt, with what `trap -p DEBUG` says in a file.
__guard_before_prompt() {
	__guard_tell
	__guard_ignore_no_more
	__guard_goes_on=
	__guard_retrace
	__guard_prompt
}

# Says in front of a prompt that guard is off or its configuration broken, where either may be.
__guard_tell() {
	\builtin local - IFS=$' \t\n' __guard_verb __guard_text __guard_message
	\builtin set +euxvT
	[[ -e $__guard_off || -L $__guard_off || -e $__guard_dir/says ]] || return 0
	__guard_say prompt && [[ $__guard_text ]] && \builtin printf '%s\n' "$__guard_text" >/dev/tty
}

# What the last key of a checked line does: it accepts the line, or types $1.
__guard_accept() {
	\builtin local __guard_map
	for __guard_map in emacs vi-insert vi-command; do
		if [[ ${1-} ]]; then
			\builtin bind -m "$__guard_map" "\"${__guard_at}a\": \"$1\""
			\builtin bind -m "$__guard_map" "\"${__guard_at}o\": \"$1\""
		else
			\builtin bind -m "$__guard_map" "\"${__guard_at}a\": accept-line"
			\builtin bind -m "$__guard_map" "\"${__guard_at}o\": operate-and-get-next"
		fi
	done
}

# Puts the check in front of what accepts a line, whatever key that is bound to.
__guard_bind() {
	\builtin local __guard_map __guard_key __guard_binding
	for __guard_map in emacs vi-insert vi-command; do
		\builtin bind -m "$__guard_map" -p >|"$__guard_dir/keys"
		while \builtin read -r __guard_key __guard_binding; do
			case $__guard_key$__guard_binding in
			*"$__guard_secret"*) ;;
			*:accept-line) \builtin bind -m "$__guard_map" "$__guard_key \"${__guard_at}c${__guard_at}a\"" ;;
			*:operate-and-get-next) \builtin bind -m "$__guard_map" "$__guard_key \"${__guard_at}c${__guard_at}o\"" ;;
			esac
		done <"$__guard_dir/keys"
		\builtin bind -m "$__guard_map" -x "\"${__guard_at}r\": __guard_refuse"
		\builtin bind -m "$__guard_map" "\"${__guard_at}n\": accept-line"
	done
	__guard_bind_check ''
	__guard_accept
}

__guard_at="\\C-x\\C-]$__guard_secret" __guard_aborted=
__guard_hash='\#' __guard_number= __guard_pending= __guard_messages=() __guard_lines=() __guard_asked=0 __guard_variables= __guard_traced= __guard_untraced= __guard_refused=
__guard_theirs= __guard_wrapped= __guard_parked= __guard_goes_on= __guard_step= __guard_plain= __guard_ready=
# Of a trap that is new nothing is shown.
__guard_hook='{ \builtin trap -p DEBUG >|"$__guard_dir/trap"; __guard_before_prompt; } >/dev/null 2>&1 || __guard_show'
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
	\builtin printf '%s\n' 'guard: lines typed here are not judged: this needs bash 5.1 or later' >&2
elif [[ ! -o emacs && ! -o vi ]]; then
	\builtin printf '%s\n' 'guard: lines typed here are not judged: line editing is off' >&2
elif \builtin shopt -q restricted_shell; then
	\builtin printf '%s\n' 'guard: lines typed here are not judged: a restricted shell opens no pipe' >&2
else
	__guard_hooked
	__guard_bind 2>/dev/null
	\builtin readonly __guard_dir __guard_secret __guard_off __guard_at __guard_hook __guard_hash
	\builtin readonly -f __guard_state __guard_hear __guard_judge __guard_expand __guard_hooked __guard_reads_command __guard_check __guard_say __guard_again \
		__guard_bind_check __guard_untrace __guard_retrace __guard_checked __guard_return __guard_refuse \
		__guard_remember __guard_ignore_no_more __guard_show __guard_debug __guard_tell_theirs \
		__guard_prompt __guard_before_prompt __guard_unhook __guard_tell __guard_accept __guard_bind guard-refused
	__guard_ready=on
fi
[[ ! ${__guard_aliases-} ]] || \builtin shopt -s expand_aliases
\builtin unset __guard_aliases
[[ ! $__guard_ready ]] || __guard_prompt
[[ $__guard_wrapped ]] || \builtin . "$__guard_dir/trap"
__guard_return "$__guard_started"
