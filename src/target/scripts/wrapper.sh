# SPDX-License-Identifier: MIT
# What runs in the window: it holds the terminal, gives the process the environment that it is to
# have, and writes down how it ended. It outlives the signals that are meant for the process, and
# bears no mark of its own. Its file lies in the run's directory; w_* variables stand before it.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

wrapper() {
	# The tmux server's environment is nobody's business.
	[ "$1" = go ] || exec env -i PATH="$PATH" TERM="$TERM" TMUX="$TMUX" \
		TMUX_PANE="$TMUX_PANE" sh "$0" go
	w_dir=${0%/*}
	# HUP must end it: only when the leader of a session dies does the kernel tell the others.
	trap : INT QUIT TERM TSTP
	read -r w_boot </proc/sys/kernel/random/boot_id
	while read -r w_x; do w_stat=$w_stat$w_x; done </proc/$$/stat
	# shellcheck disable=SC2086
	set -- ${w_stat##*) }
	printf '%s %s %s\n' "$TMUX_PANE" $$ "${20}@${w_boot%%-*}" >"$w_dir/wrapper.pid"
	(run_it)
	w_rc=$?
	read -r w_up w_x </proc/uptime
	w_end=exit:$w_rc
	[ $w_rc -gt 128 ] && kill -l $((w_rc - 128)) >/dev/null 2>&1 &&
		w_end=signal:$((w_rc - 128))
	ln -s "$w_end:$w_up" "$w_dir/status"
	# tmux drops what is still on its way when the last process of a pane ends.
	sleep 0.15 2>/dev/null || sleep 1
}

run_it() {
	w_t=$TERM w_m=$TMUX w_p=$TMUX_PANE
	# shellcheck disable=SC1091
	. "$w_dir/env"
	TERM=$w_t TMUX=$w_m TMUX_PANE=$w_p
	CONCERT_SESSION=$w_session CONCERT_PROCESS=$w_process CONCERT_MACHINE=$w_machine
	CONCERT_RUN=$w_run
	export TERM TMUX TMUX_PANE CONCERT_SESSION CONCERT_PROCESS CONCERT_MACHINE CONCERT_RUN
	cd "$HOME" || cd /
	eval "set -- $w_shell"
	[ -z "$w_container" ] || {
		CONCERT_BODY=$(cat "$w_dir/cmd" && echo .)
		CONCERT_BODY=${CONCERT_BODY%.}
		export CONCERT_BODY
		# shellcheck disable=SC2016
		exec "$w_engine" exec -it -e TERM -e CONCERT_SESSION -e CONCERT_PROCESS \
			-e CONCERT_MACHINE -e CONCERT_RUN -e CONCERT_BODY \
			"$w_container" "$@" 'eval "$CONCERT_BODY"'
	}
	# shellcheck disable=SC2016
	exec "$@" '. "$0"' "$w_dir/cmd"
}

wrapper "$@"
