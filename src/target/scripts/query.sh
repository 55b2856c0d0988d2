# SPDX-License-Identifier: MIT
# Everything of some sessions, once.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

query_main() {
	begin
	C_names=
	for C_x in $c_sessions; do
		C_names="$C_names $C_x/*"
	done
	C_sessions=$c_sessions
	if command -v tmux >/dev/null; then
		list_panes
		case $C_panes in
		"$c_nonce "*) ;;
		*) say "tmux $(tm -V)" ;;
		esac
	else
		C_panes=none
	fi
	facts
	say "end $c_nonce"
	keep_ticks
	exit 0
}

# For the next look: what each run has used until now. Nobody waits for this any more.
keep_ticks() {
	set --
	for C_x in $(printf '%s\n' "$C_facts" | sed -n 's/^cpu \(@[0-9]*\) \([0-9]*:[0-9.e+]*\)$/\1=\2/p')
	do
		set -- "$@" set-option -w -t "${C_x%%=*}" @concert_cpu "${C_x#*=}" \;
		# tmux takes 16 KB at most.
		[ $# -lt 700 ] || { tm "$@" >/dev/null; set --; }
	done
	[ $# = 0 ] || tm "$@" >/dev/null
}
