# SPDX-License-Identifier: MIT
# Follows a run (C_run) until it is ready, over, or the caller's time is: a one-shot's log is told
# as it grows, a ready check is tried again and again. Waiting is in small steps, so that neither
# the end of the process nor the end of the link goes unnoticed.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

follow() {
	now
	C_t0=$C_now C_beat=$C_now C_offset=$c_log_offset C_step=0
	if [ -z "$c_persistent" ]; then
		follow_oneshot
	elif [ -n "$c_has_ready" ]; then
		follow_probe
	elif [ -n "$c_ready_log" ]; then
		follow_log
	else
		# This takes no time worth asking again for.
		c_hold=-1
		until over || [ -n "$C_wpid" ]; do pause; done
		[ -L "$C_run/status" ] && tell_end || tell_ready
	fi
}

# The process has ended, or nothing can tell its end any more.
over() {
	[ -n "$C_wpid" ] || read -r C_x C_wpid C_wstart 2>/dev/null <"$C_run/wrapper.pid"
	[ ! -L "$C_run/status" ] || return 0
	if [ -z "$C_wpid" ]; then
		now
		[ $((C_now - C_t0)) -gt 1500 ]
		return
	fi
	start_of "$C_wpid"
	[ "$C_start" != "$C_wstart" ]
}

# One step of waiting, longer each time; false when nobody listens any more, or hold is over.
pause() {
	case $C_step in
	0 | 1 | 2) nap 0.005 ;;
	3 | 4 | 5 | 6) nap 0.02 ;;
	*) nap 0.05 ;;
	esac
	C_step=$((C_step + 1))
	now
	[ $((C_now - C_beat)) -lt 100 ] || { C_beat=$C_now; say beat; }
	[ -z "$C_gone" ] || exit 1
	[ "$c_hold" -lt 0 ] || [ $(((C_now - C_t0) * 10)) -lt "$c_hold" ] || {
		say pending
		finish
	}
}

deadline() {
	now
	[ "$c_ready_deadline" -gt 0 ] && [ $(((C_now - C_t0) * 10)) -ge "$c_ready_deadline" ]
}

tell_ready() {
	say ready
	[ ! -e "$C_run/notready" ] || rm -f "$C_run/notready"
	read -r C_x C_y </proc/uptime
	printf '%s\n' "$C_x" 2>/dev/null >"$C_run/ready"
}

tell_not_ready() {
	printf '' 2>/dev/null >"$C_run/notready"
	say notready
}

# The last lines of a text, without what bash says for want of a terminal.
tell_text() {
	tail -c 2000 "$1" 2>/dev/null | tr -d '\r\000' | sed -e '/^bash: cannot set terminal process/d' \
		-e '/^bash: no job control in this shell$/d' -e 's/^/t /'
	say
}

# Until tmux has passed on what was on its way: the wrapper lives that long.
flushed() {
	for C_x in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		start_of "${C_wpid:-0}"
		[ -n "$C_start" ] && [ "$C_start" = "$C_wstart" ] || break
		nap 0.02
	done
}

tell_end() {
	over
	flushed
	tell_text "$C_run/log"
	tell_status
}

tell_status() {
	C_x=$(readlink "$C_run/status") || C_x=unknown:0:0
	C_y=${C_x#*:}
	say "ended ${C_x%%:*} ${C_y%%:*}"
}

# ---- a one-shot: its log, and its status ----

follow_oneshot() {
	until over; do
		tell_log || pause
	done
	case $(readlink "$C_run/status") in
	exit:0:*)
		# Its last line is as good as always there by now; whoever waits for its success
		# need not wait until that is sure.
		nap 0.01
		while tell_log; do :; done
		tell_ready
		flushed
		while tell_log; do :; done
		;;
	*)
		flushed
		while tell_log; do :; done
		tell_text "$C_run/log"
		tell_status
		;;
	esac
}

# What has come since; false if nothing has.
tell_log() {
	segment "$C_run" "$C_offset" || return
	[ "$C_offset" -ge "$C_start" ] || C_offset=$C_start
	size_of "$C_seg"
	C_len=$((C_start + C_size - C_offset))
	[ $C_len -gt 0 ] || [ -z "$C_next" ] || {
		C_offset=$((${C_next##*.} - C_log_0))
		return
	}
	[ $C_len -gt 0 ] || return
	[ $C_len -lt 262144 ] || C_len=262144
	say "out $C_offset $C_len"
	bytes_of "$C_seg" $((C_offset - C_start)) $C_len
	C_offset=$((C_offset + C_len)) C_step=0
}

# ---- a line of the log ----

follow_log() {
	C_seen=0
	until log_matches; do
		over && { log_matches && break; tell_end; return; }
		! deadline || { tell_text "$C_run/log"; tell_not_ready; return; }
		pause
	done
	tell_ready
}

# Looks at what is new, from a little before: a line may have come in two pieces.
log_matches() {
	log_end "$C_run" && [ "$C_end" -gt "$C_seen" ] || return
	C_from=$((C_seen > 8192 ? C_seen - 8192 : 0))
	C_first=1
	[ $C_from = 0 ] || C_first=2
	log_from "$C_run" $C_from | tail -n +$C_first | tr -d '\r\000' |
		LC_ALL=C grep -Eq -e "$c_ready_log" 2>/dev/null
	case $? in
	0) return 0 ;;
	1) C_seen=$C_end && return 1 ;;
	*) fail failed "'$c_ready_log' is not a regular expression that grep -E understands" ;;
	esac
}

# ---- a command ----

# shellcheck disable=SC2016
C_end_marked='
for p in $(LC_ALL=C grep -lzxs "CONCERT_PROBE=$1" /proc/[0-9]*/environ); do
	p=${p#/proc/}
	kill -KILL "${p%/environ}"
done'

follow_probe() {
	C_wait=50
	while :; do
		! over || { tell_end; return; }
		probe
		if [ $C_rc = 0 ]; then
			tell_ready
			return
		fi
		! over || { tell_end; return; }
		[ -z "$C_gone" ] || exit 1
		tell_text "$C_out"
		if deadline; then
			tell_not_ready
			return
		fi
		say "probe $C_rc"
		now
		C_until=$((C_now + C_wait / 10)) C_step=7
		while [ "$C_now" -lt $C_until ] && ! over; do pause; done
		C_wait=$((C_wait * 2 < c_ready_interval ? C_wait * 2 : c_ready_interval))
	done
}

probe() {
	C_out=$C_run/probe.$$
	printf '' 2>/dev/null >"$C_out" || C_out=/dev/null
	now
	C_x=''
	[ "$c_ready_deadline" = 0 ] || C_x=$((C_t0 + c_ready_deadline / 10))
	[ "$c_ready_timeout" = 0 ] || C_x=$((C_now + c_ready_timeout / 10))
	run_watched put_ready "$C_x" over
	[ "$C_rc" != 0 ] || [ "$C_out" = /dev/null ] || rm -f "$C_out"
}

# run_watched BODY UNTIL [OVER]: C_rc of a command, which ends when the clock says UNTIL (if not
# empty) or OVER is true. It runs in the foreground, since a shell makes what it puts into the
# background ignore INT; a watcher beside it looks at everything else.
run_watched() {
	watch_beside "$2" "${3:-false}" &
	C_watcher=$!
	(run_body "$1") >"$C_out" 2>&1 </dev/null
	C_rc=$?
	kill $C_watcher 2>/dev/null
	wait $C_watcher 2>/dev/null
	# What was ended has not passed, even if it says so: docker's client does.
	[ $? != 9 ] || [ $C_rc != 0 ] || C_rc=143
	[ $C_rc -le 128 ] || kill -l $((C_rc - 128)) >/dev/null 2>&1 || C_rc=1
}

# In the same shell and environment as the process, in a session of its own: it has no terminal to
# take, and what it leaves is found. Text goes by the environment: no file, no argument.
run_body() {
	trap - HUP PIPE INT QUIT
	# shellcheck disable=SC1091
	[ ! -r "$C_run/env" ] || . "$C_run/env"
	CONCERT_BODY=$("$1")
	CONCERT_SESSION=$c_session CONCERT_PROCESS=$c_process CONCERT_MACHINE=$c_machine
	CONCERT_PROBE=$c_nonce
	export CONCERT_BODY CONCERT_SESSION CONCERT_PROCESS CONCERT_MACHINE CONCERT_PROBE
	unset CONCERT_RUN
	ulimit -f 131072 2>/dev/null
	eval "set -- $c_shell"
	# shellcheck disable=SC2016
	set -- "$@" 'eval "$CONCERT_BODY"'
	[ -z "$c_container" ] || set -- "$c_engine" exec -e CONCERT_SESSION -e CONCERT_PROCESS \
		-e CONCERT_MACHINE -e CONCERT_PROBE -e CONCERT_BODY "$c_container" "$@"
	! command -v setsid >/dev/null || exec setsid "$@"
	exec "$@"
}

watch_beside() {
	C_step=0
	while pause_beside; do
		"$2" && break
		[ -z "$1" ] || [ "$C_now" -lt "$1" ] || break
	done
	trap '' TERM
	end_probe TERM
	nap 0.3
	end_probe KILL
	end_marked
	exit 9
}

# Ending docker's client leaves what it began in the container.
end_marked() {
	if [ -n "$c_container" ]; then
		$C_limit "$c_engine" exec -u 0 "$c_container" sh -c "$C_end_marked" sh "$c_nonce"
	else
		sh -c "$C_end_marked" sh "$c_nonce"
	fi >/dev/null 2>&1
}

pause_beside() {
	C_step=$((C_step + 1))
	if [ $C_step -lt 4 ]; then nap 0.05; else nap 0.1; fi
	now
	[ $((C_now - C_beat)) -lt 100 ] || { C_beat=$C_now; say beat; }
	[ -z "$C_gone" ]
}

# The script's one child that leads a session is the probe.
# shellcheck disable=SC2016
end_probe() {
	C_x=$(proc_table | LC_ALL=C awk -v me=$$ "$C_awk_proc"'
		{ add_stat($0) }
		END { read_all(); for (p in state) if (parent[p] == me && sid[p] == p) print p }')
	for C_x in $C_x; do
		kill -"$1" -"$C_x"
	done
}
