# SPDX-License-Identifier: MIT
# The escalation: finds what is to end, asks, insists, kills, and looks until nothing is left. The
# same text runs on a machine and inside of a container, where there is no wrapper to leave alone.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

# C_victims: lines PID START FOREGROUND STATE of all that is to end: what bears the mark of one of
# C_runs, what lives below the wrapper (C_wpid, C_wstart) or has its terminal, what was ever seen.
# shellcheck disable=SC2016
scan() {
	C_tries=0
	until look_around; do
		C_tries=$((C_tries + 1))
		[ "$C_tries" -lt 100 ] || fail failed "what runs there cannot be read: $C_victims"
		nap 0.05
	done
	C_victims=${C_victims%whole}
	# shellcheck disable=SC2086
	remember $C_victims
}

# shellcheck disable=SC2016
look_around() {
	C_victims=$({
		LC_ALL=C grep -zoHs '^CONCERT_RUN=[0-9a-f]*$' /proc/[0-9]*/environ | tr '\0' '\n'
		proc_table
	} | LC_ALL=C awk -v self=$$ -v runs="$C_runs" -v seen="$C_seen" \
		-v boot="${C_boot%%-*}" -v wrapper="$C_wpid" -v wstart="$C_wstart" "$C_awk_proc"'
		BEGIN { n = split(runs, a, " "); for (i = 1; i <= n; i++) ours[a[i]] = 1 }
		/^.proc.[0-9]*.environ:/ { split($0, a, "[/=:]"); bears[a[3]] = a[6]; next }
		{ add_stat($0) }
		END {
			read_all()
			for (p in bears) if (bears[p] in ours && !index(name[p], "(tmux: server)")) own[p] = 1
			n = split(seen, a, " ")
			for (i = 1; i <= n; i++) {
				split(a[i], b, ":")
				if (b[1] in state && born[b[1]] == b[2]) own[b[1]] = 1
			}
			if (!(wrapper in state) || born[wrapper] != wstart) wrapper = "none"
			else { own[wrapper] = 1; lead[wrapper] = 1 }
			own[self] = "-"
			for (p in state) if (p != wrapper && known(p) == 1)
				print p, born[p], (group[p] == foreground[wrapper in state ? wrapper : p]) + 0, state[p]
			if (complete) print "whole"
		}' 2>&1)
	case $C_victims in
	*whole) ;;
	*) return 1 ;;
	esac
}

# remember PID START FOREGROUND STATE …: for the next scan, when the parent may be gone.
remember() {
	while [ $# -ge 4 ]; do
		case "$C_seen " in
		*" $1:$2 "*) ;;
		*) C_seen="$C_seen $1:$2" ;;
		esac
		shift 4
	done
}

# INT (or another), TERM, KILL, as time goes by; over when two looks in a row found nothing.
escalate() {
	now
	C_t0=$C_now C_beat=$C_now C_sent='' C_empty=0 C_at='' C_step=0
	[ -z "$c_force" ] || C_t0=$((C_now - (c_grace + c_term) / 10))
	[ -n "$C_joined" ] || [ -n "$c_force" ] || first_signal
	while [ $C_empty -lt 2 ]; do
		stop_pause
		scan
		if [ -z "$C_victims" ]; then
			C_empty=$((C_empty + 1))
			continue
		fi
		C_empty=0
		now
		C_for=$(((C_now - C_t0) * 10))
		if [ $C_for -lt "$c_grace" ]; then
			rest_of_first
		elif [ $C_for -lt $((c_grace + c_term)) ]; then
			send TERM HUP CONT
		elif [ $C_for -lt $((c_grace + c_term + 5000)) ]; then
			send KILL
		else
			C_left=$(printf '%s\n' "$C_victims" | cut -d ' ' -f 1,2)
			return
		fi
	done
}

stop_pause() {
	case $C_step in
	0 | 1 | 2 | 3) nap 0.01 ;;
	4 | 5 | 6 | 7) nap 0.03 ;;
	*) nap 0.1 ;;
	esac
	C_step=$((C_step + 1))
	now
	[ $((C_now - C_beat)) -lt 100 ] || { C_beat=$C_now; say beat; }
}

# As Ctrl-C would: to the group in the terminal's foreground. If there is none, to all.
first_signal() {
	case $C_victims in
	*' 1 '[A-Z]*) C_only=1 ;;
	*) C_only='' ;;
	esac
	send "$c_signal"
	C_only=''
}

# When those are gone and half a second has passed, the others (jobs in the background, daemons,
# which no Ctrl-C reaches) are asked as kindly, once.
rest_of_first() {
	C_x=
	# shellcheck disable=SC2086
	any_sent $C_victims && return
	[ -n "$C_at" ] || C_at=$C_now
	[ $((C_now - C_at)) -lt 50 ] || [ -n "$C_joined" ] || send "$c_signal"
}

any_sent() {
	while [ $# -ge 4 ]; do
		case "$C_sent " in
		*" $c_signal:$1:$2 "*) return 0 ;;
		esac
		shift 4
	done
	return 1
}

# send SIGNAL…: to every victim (of the foreground, if C_only) that did not get the first of them.
send() {
	C_signal=$1 C_nr=0
	C_signals=$*
	# shellcheck disable=SC2086
	set -- $C_victims
	while [ $# -ge 4 ]; do
		[ -n "$C_only" ] && [ "$3" = 0 ] || send_one "$1" "$2" "$4"
		shift 4
	done
	[ $C_nr = 0 ] || say "step $C_signal $C_nr"
}

send_one() {
	case "$C_sent " in
	*" $C_signal:$1:$2 "*) return ;;
	esac
	# A pid is a name that is given again.
	start_of "$1"
	[ "$C_start" = "$2" ] || return
	for C_x in $C_signals; do
		kill -"$C_x" "$1" 2>/dev/null
	done
	# What was stopped must go on to hear of it.
	[ "$3" != T ] || kill -CONT "$1" 2>/dev/null
	[ "$C_signal" = KILL ] || C_sent="$C_sent $C_signal:$1:$2"
	C_nr=$((C_nr + 1))
}

# In a container: end_inside is called in place of another main function.
end_inside() {
	trap '' HUP PIPE INT QUIT
	read_boot
	C_seen='' C_wpid='' C_wstart='' C_joined='' C_left='' C_gone=''
	command -v awk >/dev/null || { echo 'it has no awk' >&2; exit 2; }
	scan
	[ -z "$C_victims" ] || escalate
	[ -n "$C_left" ] || exit 0
	printf '%s\n' "$C_left" | while read -r C_x C_y; do
		say "left $C_x $(tr '\000\n\r' '   ' </proc/"$C_x"/cmdline | cut -c1-100)"
	done
	exit 3
}
