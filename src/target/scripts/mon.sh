# SPDX-License-Identifier: MIT
# Makes the dashboard: a tmux session of this computer's with a pane for each process. The request
# brings the function `plan`, which calls mon_window, mon_pane and mon_top in order. A session that
# is there already is taken if it shows the same, replaced before its watchers' eyes if it is of the
# same file, and left alone if it is anybody else's.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

mon_main() {
	C_umask=$(umask)
	begin
	# A server that this begins is the user's.
	umask "$C_umask"
	unset CONCERT_RUN CONCERT_PROCESS CONCERT_SESSION CONCERT_MACHINE
	command -v tmux >/dev/null ||
		fail failed "tmux is not installed (install it: apt-get install tmux)"
	find_session
	if [ -z "$C_id" ]; then
		build "$c_name"
	elif [ "$C_plan" != "$c_plan" ] || [ "$(count_panes)" -lt "$c_panes" ]; then
		C_old=$C_id
		clear_new
		build "$c_name-new"
		replace_old_session
	fi
	find_session
	say "server $C_pid"
	finish
}

# C_id, C_pid, C_plan of the session that has the name; C_id is empty if there is none.
find_session() {
	C_id='' C_pid='' C_plan=''
	C_all=$(tm list-sessions -F "$c_nonce #{session_id} #{pid} p#{@concert_mon_plan} \
#{session_name}:#{@concert_mon}")
	while read -r C_x C_a C_b C_c C_d; do
		case $C_x,$C_d in
		"$c_nonce,$c_name:$c_config") C_id=$C_a C_pid=$C_b C_plan=${C_c#p} ;;
		"$c_nonce,$c_name:") fail conflict "the tmux session '$c_name' is not concert's \
(rename it: tmux rename-session -t $c_name NAME)" ;;
		"$c_nonce,$c_name:"*) fail conflict "the tmux session '$c_name' is the dashboard of \
'${C_d#*:}' (end it: tmux kill-session -t $c_name)" ;;
		esac
	done <<END
$C_all
END
}

count_panes() {
	tm list-panes -s -t "$C_id" -F "$c_nonce" | grep -c "^$c_nonce"
}

# What a replacement that was cut short has left.
clear_new() {
	case $C_all in
	*" $c_name-new:$c_config"*) tm kill-session -t "=$c_name-new" >/dev/null ;;
	esac
}

# The first window only holds the place until the session's environment is settled.
build() {
	for C_try in 1 2 3 4 5 6; do
		new_session "$1"
		case $C_out in
		*'server exited'* | *'lost server'* | *'error connecting'*) nap 0.1 ;;
		*) break ;;
		esac
	done
	case $C_out in
	'$'*' @'*) ;;
	*) fail failed "tmux did not make the session: ${C_out:-no answer within 15 s} (does 'tmux \
new-session' work here?)" ;;
	esac
	C_id=${C_out%% *} C_place=${C_out#* } C_first='' C_window='' C_windows='' C_top=''
	take_environment
	plan
	tm kill-window -t "$C_place" \; move-window -r -t "$C_id:" \; \
		select-window -t "$C_first" >/dev/null
	for C_x in $C_windows; do
		tm select-pane -t "$C_x.{top-left}" >/dev/null
		tm set-option -w -t "$C_x" window-size latest >/dev/null
	done
	[ -z "$C_top" ] || tm select-pane -t "$C_first" -D >/dev/null
	say "made"
}

new_session() {
	C_out=$(tm new-session -d -s "$1" -x "$c_columns" -y "$c_rows" -c / -P -F '#{session_id} #{window_id}' \
		sleep 100 \; \
		set-option -t "=$1:" destroy-unattached off \; \
		set-option -t "=$1:" @concert_mon "$c_config" \; \
		set-option -t "=$1:" @concert_mon_plan "$c_plan")
}

# Panes log in as the user does now, whatever the server's environment was once.
take_environment() {
	set --
	for C_x in PATH SSH_AUTH_SOCK KRB5CCNAME TMUX_TMPDIR XDG_RUNTIME_DIR XDG_CONFIG_HOME HOME \
		LANG LC_ALL LC_CTYPE TZ NO_COLOR; do
		eval "C_y=\${$C_x-}"
		[ -z "$C_y" ] || set -- "$@" set-environment -t "$C_id" "$C_x" "$C_y" \;
	done
	tm "$@" >/dev/null
}

mon_window() {
	C_window='' C_title=$1
}

# mon_pane TITLE WORD…
mon_pane() {
	C_name=$1
	shift
	if [ -z "$C_window" ]; then
		open_window "$@"
		return
	fi
	C_out=$(tm split-window -t "$C_window" -c / -P -F '#{pane_id}' "$@" \; \
		select-layout -t "$C_window" tiled \; select-pane -t "$C_window" -T "$C_name")
	case $C_out in
	%*) ;;
	*) open_window "$@" ;; # no room in this one
	esac
}

# Whatever the user's tmux.conf says: names stay, keys go to one pane, a window fits its watcher.
open_window() {
	C_window=$(tm new-window -d -t "$C_id:" -n "$C_title" -c / -P -F '#{window_id}' "$@")
	case $C_window in
	@*) ;;
	*) fail failed "tmux did not make a window: ${C_window:-no answer within 15 s}" ;;
	esac
	[ -n "$C_first" ] || C_first=$C_window
	tm set-option -w -t "$C_window" automatic-rename off \; \
		set-option -w -t "$C_window" allow-rename off \; \
		set-option -w -t "$C_window" remain-on-exit off \; \
		set-option -w -t "$C_window" synchronize-panes off \; \
		set-option -w -t "$C_window" pane-border-status top \; \
		set-option -w -t "$C_window" pane-border-format ' #{pane_title} ' \; \
		select-pane -t "$C_window" -T "$C_name" >/dev/null
	# Else it would be as large as some client of another session. Old tmux has none of this.
	tm resize-window -t "$C_window" -x "$c_columns" -y "$c_rows" >/dev/null
	C_windows="$C_windows $C_window"
}

# mon_top ROWS TITLE WORD…: above all others in the first window.
mon_top() {
	C_rows=$1 C_name=$2 C_top=1
	shift 2
	tm split-window -fb -l "$C_rows" -t "$C_first" -c / "$@" \; \
		select-pane -t "$C_first" -T "$C_name" >/dev/null
}

replace_old_session() {
	tm list-clients -t "$C_old" -F '#{client_name}' | while read -r C_x; do
		tm switch-client -c "$C_x" -t "$C_id" >/dev/null
	done
	tm kill-session -t "$C_old" \; rename-session -t "$C_id" "$c_name" >/dev/null
}
