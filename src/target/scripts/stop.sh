# SPDX-License-Identifier: MIT
# Ends a process and all that can be traced to it: what lives below its wrapper, what has its
# terminal, what bears its mark, and what was ever seen below one of these. It goes on when the link
# is cut, and needs no room on a disk. The wrapper is left alone, so that it writes the status.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

stop_main() {
	begin
	unset CONCERT_RUN
	C_dir=$C_base/$c_session/$c_process C_seen='' C_was=0 C_panes='' C_left=''
	C_inside='' C_joined='' C_wpid='' C_wstart=''
	own_dirs
	wait_for_start
	[ -n "$C_last" ] || last_window
	C_run=$C_dir/$C_last C_log=$C_run/log
	if [ -n "$C_last" ] && { [ -z "$c_run" ] || [ "$c_run" = "$C_last" ]; }; then
		read -r C_x C_wpid C_wstart 2>/dev/null <"$C_run/wrapper.pid"
		recall
		scan
		[ -z "$C_victims" ] && wrapper_gone || C_was=1
		[ $C_was = 0 ] || end_all
	fi
	# What is left is told with names.
	[ -z "$C_left" ] || c_tree=1
	facts
	say "stopped $C_was"
	finish
}

# Nobody ends what another script is just about to begin.
wait_for_start() {
	C_x=0 C_tries=0
	last_claim
	while starting && [ $C_tries -lt 1000 ]; do
		C_tries=$((C_tries + 1))
		nap 0.02
		last_claim
	done
}

# If somebody removed the files, a window still tells of a run.
last_window() {
	list_panes
	# shellcheck disable=SC2046
	set -- $(printf '%s\n' "$C_panes" | sed -n "s/^$c_nonce @[0-9]* %[0-9]* \([0-9]*\) 0 .* \
r\([0-9a-f]*\) c[^ ]* S$c_session P$c_process .*/\1 \2/p")
	[ $# -ge 2 ] || return
	C_wpid=$1 C_last=$2
	start_of "$C_wpid"
	C_wstart=$C_start
}

wrapper_gone() {
	[ -n "$C_wpid" ] || return 0
	start_of "$C_wpid"
	[ "$C_start" != "$C_wstart" ] || [ -L "$C_run/status" ]
}

# C_runs: all runs of which there are files. C_seen: what an earlier kill could not end.
recall() {
	C_runs=$C_last
	for C_x in "$C_dir"/*/cmd; do
		C_x=${C_x%/cmd}
		C_runs="$C_runs ${C_x##*/}"
	done
	[ ! -r "$C_run/survivors" ] || while read -r C_x C_y; do
		C_seen="$C_seen $C_x:$C_y"
	done <"$C_run/survivors"
	C_container=''
	[ ! -r "$C_run/place" ] || { read -r C_engine && read -r C_container; } <"$C_run/place"
}

end_all() {
	start_of $$
	C_me="$$ $C_start"
	another_stops && C_joined=1
	[ -n "$C_joined" ] || {
		rm -f "$C_run/stopped" "$C_run/stopping"
		ln -s "$C_me" "$C_run/stopping" 2>/dev/null
	}
	[ -z "$c_has_stop" ] || [ -n "$c_force" ] || [ -n "$C_joined" ] || run_stop
	[ -z "$C_container" ] || end_container
	[ -n "$C_inside" ] || escalate
	wait_for_status
	now
	ln -s "$C_now" "$C_run/stopped" 2>/dev/null
	rm -f "$C_run/stopping"
	if [ -n "$C_left" ]; then
		printf '%s\n' "$C_left" 2>/dev/null >"$C_run/survivors"
	else
		rm -f "$C_run/survivors"
	fi
}

another_stops() {
	# shellcheck disable=SC2046
	set -- $(readlink "$C_run/stopping")
	[ -n "$1" ] || return
	start_of "$1"
	[ "$C_start" = "$2" ]
}

# One that succeeded has asked: the process has as long as after a signal.
run_stop() {
	now
	C_beat=$C_now C_out=/dev/null C_step=0 C_until=$((C_now + c_grace / 10))
	run_watched put_stop "$C_until"
	say "step stop.cmd 1"
	while [ "$C_rc" = 0 ] && [ "$C_now" -lt $C_until ] && [ -n "$C_victims" ]; do
		stop_pause
		scan
	done
}

# What runs in a container outlives its client, whatever that is sent: it is ended inside, by the
# same means, and then the client ends by itself. C_inside: something there would not.
end_container() {
	C_time=$(((c_grace + c_term) / 1000 + 30))
	{
		C_x=$(
			{
				printf 'c_nonce=%s c_grace=%s c_term=%s c_signal=%s c_force=%s\n' "$c_nonce" \
					"$c_grace" "$c_term" "$c_signal" "$c_force"
				printf "C_runs='%s'\n%s\nend_inside </dev/null\n" "$C_runs" "$c_inside"
			} | ${C_limit:+timeout $C_time} "$C_engine" exec -i -u 0 "$C_container" sh -s 2>&1 >&3
		)
	} 3>&1
	case $?:$C_x in
	0:*) ;;
	3:*) C_inside=1 ;;
	*'No such container'* | *'is not running'* | *'no such container'* | *'can only create exec'*) ;;
	*)
		rm -f "$C_run/stopping"
		fail failed "the container '$C_container' cannot be asked: ${C_x##*"$C_nl"}"
		;;
	esac
	[ -n "$C_inside" ] || wait_for_client
}

# It says how the process ended; had it to be signalled, that would be lost.
wait_for_client() {
	C_tries=0
	until wrapper_gone || [ $C_tries -gt 150 ]; do
		C_tries=$((C_tries + 1))
		nap 0.02
	done
	C_joined=1 c_grace=0
}

# The wrapper ends by itself; one that is stuck is ended last.
wait_for_status() {
	[ -z "$C_left$C_inside" ] || return
	C_tries=0
	until wrapper_gone; do
		C_tries=$((C_tries + 1))
		[ $C_tries -lt 200 ] || { kill -KILL "$C_wpid"; return; }
		nap 0.01
	done
}
