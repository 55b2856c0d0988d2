# SPDX-License-Identifier: MIT
# Completion of concert in bash. Commands and options come from the program's own tables, names of
# processes and variants from the file that the command line would read; no machine is asked.

# What `concert list` says of the file in use. $1: "processes" or "variants"
_concert_names() {
	local i file=()
	for ((i = 1; i < COMP_CWORD - 1; i++)); do
		[[ ${COMP_WORDS[i]} == -c ]] && file=(-c "${COMP_WORDS[i + 1]}")
	done
	if [[ $1 == processes ]]; then
		"$concert" "${file[@]}" list 2>/dev/null |
			awk '/^PROCESS / { rows = 1; next } !NF { rows = 0 } rows { print $1 }'
	else
		"$concert" "${file[@]}" list --json 2>/dev/null | grep -o '"variants":\[[^]]*\]' |
			grep -o '"name":"[^"]*"' | cut -d '"' -f 4
	fi
}

# The argument that option $1 takes, as the table spells it ("FILE", "auto|always|never").
_concert_argument() {
	local kind of letter name argument rest
	while IFS=$'\001' read -r kind of letter name argument rest; do
		[[ $kind == option && (-z $of || $of == "$command") ]] || continue
		if [[ $1 == "--$name" || $1 == "-$letter" ]]; then
			printf '%s' "$argument"
			return
		fi
	done <<<"$tables"
}

_concert_options() {
	local kind of letter name rest
	while IFS=$'\001' read -r kind of letter name rest; do
		[[ $kind == option && (-z $of || $of == "$command") ]] && printf '%s\n' "--$name"
	done <<<"$tables"
}

_concert_commands() {
	local kind name rest
	while IFS=$'\001' read -r kind name rest; do
		[[ $kind == command ]] && printf '%s\n' "$name"
	done <<<"$tables"
}

# Which words the command takes: "[PROC...]", "[COMMAND]", …
_concert_positional() {
	local kind name positional rest
	while IFS=$'\001' read -r kind name positional rest; do
		[[ $kind == command && $name == "$command" ]] && printf '%s' "$positional"
	done <<<"$tables"
}

_concert() {
	local concert=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} command='' argument='' i tables
	local words=''
	# read takes tabs together, and fields may be empty
	tables=$("$concert" help --dump 2>/dev/null | tr '\t' '\001') || return
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*)
			argument=$(_concert_argument "${COMP_WORDS[i]}")
			[[ -z $command && -n $argument ]] && { ((i++)); [[ $i -lt $COMP_CWORD ]] && argument=''; } ;;
		*)
			if [[ -z $command ]]; then
				command=${COMP_WORDS[i]}
			elif [[ $argument != *... ]]; then
				argument=''     # it was the option's one word
			fi ;;
		esac
	done
	case $word,$argument in
	-*) words=$(_concert_options) ;;
	*,FILE) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
	*,VARIANT*) words=$(_concert_names variants) ;;
	*,*'|'*) words=${argument//|/ } ;;
	*,?*) return ;;
	*)
		if [[ -z $command ]]; then
			words=$(_concert_commands)
		else
			case $(_concert_positional) in
			*PROC*) words=$(_concert_names processes) ;;
			*COMMAND*) words=$(_concert_commands) ;;
			esac
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _concert concert
