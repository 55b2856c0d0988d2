# SPDX-License-Identifier: MIT
# Finds the window of a process, and a name for the user's terminal that this machine knows.
# Attaching itself is one tmux command on a channel with a terminal, see attach.c. What an attach
# that died in an unlucky moment left behind is cleared away on this occasion.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

attach_main() {
	begin
	command -v tmux >/dev/null ||
		fail failed "tmux is not installed (install it: apt-get install tmux)"
	C_panes=$(tm list-panes -a -F "$c_nonce #{session_id} #{session_attached} \
t#{@concert_attach} #{window_id} #{pane_dead} m#{@concert_managed} S#{@concert_session} \
P#{@concert_process} #{session_name}:#{window_name}")
	C_found='' C_rank=0 C_stale=''
	while read -r C_x C_line; do
		[ "$C_x" != "$c_nonce" ] || look_at_pane
	done <<END
$C_panes
END
	[ -n "$C_found" ] || fail_absent
	known_term
	say "window $C_found"
	say "end $c_nonce"
	for C_x in $C_stale; do
		tm kill-session -t "$C_x" >/dev/null
	done
	exit 0
}

# A living window before a finished one; seen from the process's own session before any other.
look_at_pane() {
	# shellcheck disable=SC2086
	set -- $C_line
	[ "$2$3" != 0t1 ] || C_stale="$C_stale $1"
	case "$6 $7 $8" in
	"m1 S$c_session P$c_process") C_r=1 ;;
	"m S P")
		[ "${C_line#* * * * * * * * }" != "$c_session:$c_process" ] || C_foreign=1
		return
		;;
	*) return ;;
	esac
	[ "$5" = 1 ] || C_r=3
	[ "${9%%:*}" != "$c_session" ] || C_r=$((C_r + 1))
	[ "$C_r" -le "$C_rank" ] || C_rank=$C_r C_found="$1 $4 $5"
}

fail_absent() {
	[ -z "$C_foreign" ] || fail conflict "the window '$c_process' of the session '$c_session' is \
not concert's (attach to it by hand: tmux attach -t $c_session)"
	say absent
	finish
}

# Terminals come faster than the lists of them on robots.
known_term() {
	command -v tput >/dev/null || {
		say "term $c_term"
		return
	}
	for C_x in "$c_term" "${c_term%%-*}-256color" xterm-256color xterm screen vt100; do
		tput -T"$C_x" cup 0 0 >/dev/null 2>&1 && say "term $C_x" && return
	done
	fail failed "no terminal is known there, not even vt100 (install it: apt-get install ncurses-base)"
}
