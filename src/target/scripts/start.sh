# SPDX-License-Identifier: MIT
# Starts a process in a window of its own, once, however many try, and follows it until it is
# ready. Text that the request brings is printed by functions that stand before this: put_cmd,
# put_env, put_info, put_wrapper.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

start_main() {
	begin
	C_dir=$C_base/$c_session/$c_process C_wpid=''
	own_dirs
	if [ -n "$c_follow_only" ]; then
		C_run=$C_dir/$c_run
		[ -d "$C_run" ] || fail failed "nothing is known of the run '$c_run' there"
	else
		check_machine
		join_or_start
	fi
	follow
	finish
}

check_machine() {
	command -v tmux >/dev/null ||
		fail failed "tmux is not installed (install it: apt-get install tmux)"
	eval "set -- $c_shell"
	if [ -n "$c_container" ]; then
		check_container "$1"
	else
		command -v "$1" >/dev/null ||
			fail failed "the shell '$1' is not installed (install it, or set 'shell')"
	fi
}

# A terminal and a wrong user or a missing shell make docker hang: ask without one.
# shellcheck disable=SC2016
check_container() {
	[ -n "$c_engine" ] || {
		c_engine=docker
		command -v docker >/dev/null || c_engine=podman
	}
	command -v "$c_engine" >/dev/null ||
		fail failed "'$c_engine' is not installed, and '$c_container' is a container"
	C_x=$($C_limit "$c_engine" exec "$c_container" sh -c 'command -v "$1" >/dev/null || exit 77' \
		sh "$1" 2>&1 </dev/null)
	case $? in
	0) ;;
	77) fail failed "the container '$c_container' has no '$1' (install it there, or set 'shell')" ;;
	124) fail failed "the container '$c_container' does not answer within 15 s" ;;
	*) fail failed "container '$c_container': ${C_x##*"$C_nl"}" ;;
	esac
}

# Either a run of it lives already, or this script makes the next claim and starts one.
join_or_start() {
	C_tries=0
	while :; do
		last_claim
		look
		case $C_state in
		starting) ;;
		alive) C_run=$C_dir/$C_last && tell_joined && return ;;
		foreign) fail conflict "the window '$c_process' of the session '$c_session' is not \
concert's (rename or close it)" ;;
		*)
			# An earlier attempt at this very run got through, and the run is over.
			C_run=$C_dir/$c_run
			[ "$C_last" = "$c_run" ] && [ -e "$C_run/started" ] && say "started" && return
			claim && { launch; return; }
			;;
		esac
		C_tries=$((C_tries + 1))
		[ $C_tries -lt 1000 ] ||
			fail failed "another start of '$c_process' (pid $C_holder) does not end"
		[ $((C_tries % 50)) != 0 ] || say beat
		[ $C_tries = 1 ] || nap 0.02
	done
}

tell_joined() {
	[ "$C_last" != "$c_run" ] || {
		say started
		return
	}
	facts
	say "alive $C_last"
	# A window whose files somebody removed is known by its pid alone.
	[ -d "$C_run" ] || {
		C_wpid=$C_uppid
		start_of "$C_wpid"
		C_wstart=$C_start
	}
}

# C_state: none, starting (or ending: wait), alive, orphan, foreign, over. C_old: the finished window to replace.
look() {
	C_state=none C_have="" C_old="" C_foreign="" C_up="" C_pane="" C_wpid="" C_seen="" C_ending=""
	if starting || cut_off; then
		C_state=starting
		return
	fi
	list_panes
	check_version
	# C_panes is from after the look at the claim: what it lacks was not there then either.
	[ -z "$C_last" ] || {
		C_state=over
		read -r C_pane C_wpid C_wstart 2>/dev/null <"$C_dir/$C_last/wrapper.pid"
	}
	read_panes
	[ -z "$C_wpid" ] || {
		start_of "$C_wpid"
		# One that has written the status waits only for tmux to pass on its last bytes.
		[ -z "$C_start" ] || [ "$C_start" != "$C_wstart" ] ||
			if [ -L "$C_dir/$C_last/status" ]; then
				C_ending=1
			elif [ -n "$C_seen" ]; then
				C_up=$C_last
			fi
	}
	if [ -n "$C_ending" ]; then
		C_state=starting
	elif [ -n "$C_up" ]; then
		C_state=alive C_last=$C_up
	elif [ -n "$C_last" ] && [ ! -e "$C_dir/$C_last/oneshot" ] && marked "$C_last"; then
		C_state=orphan
		# One whose start was cut off may have come to life since the look at the windows.
		[ -e "$C_dir/$C_last/started" ] || [ "$C_tries" -gt 50 ] || C_state=starting
		[ $C_state = orphan ] || return
		facts
		fail conflict "processes of its last run live on (pid$C_marked; 'concert kill \
$c_process' ends them)"
	elif [ -n "$C_foreign" ]; then
		C_state=foreign
	fi
}

# shellcheck disable=SC2086
read_panes() {
	C_ifs=$IFS
	IFS=$C_nl
	set -f
	for C_x in $C_panes; do
		IFS=$C_ifs
		case $C_x in
		"$c_nonce "*" $c_session:$c_process") set -- $C_x named ;;
		"$c_nonce "*) set -- $C_x ;;
		*) set -- ;;
		esac
		IFS=$C_nl
		[ $# -ge 16 ] || continue
		[ "${16%%:*}" != "$c_session" ] || C_have=1
		if [ "${14} ${15}" = "S$c_session P$c_process" ]; then
			own_pane "$2" "$3" "$5" "$9" "${12#r}" "$4"
		elif [ "${11}" = m ] && [ $# = 17 ]; then
			C_foreign=$2
		fi
	done
	IFS=$C_ifs
	set +f
}

# A pane that the user split off bears the window's options too, but is not the wrapper's.
own_pane() {
	[ "$5" != "$C_last" ] || [ -z "$C_pane" ] || [ "$C_pane" = "$2" ] || return
	[ "$5" != "$C_last" ] || C_seen=1
	if [ "$3" = 1 ]; then
		C_old="$1 $5 $4"
	elif [ "$5" != "$C_last" ] || [ -z "$C_wpid" ]; then
		C_up=$5 C_uppid=$6
	fi
}

check_version() {
	C_v=${C_panes#* v}
	case $C_panes in
	"$c_nonce "*) C_v=${C_v%% *} ;;
	*) C_v=$(tm -V) && C_v=${C_v#tmux } ;;
	esac
	case $C_v in
	0.* | 1.* | 2.[0-5] | 2.[0-5][!0-9]*)
		fail failed "tmux $C_v is too old (2.6 or newer is needed)"
		;;
	esac
}

# C_marked: the pids that bear the mark of run $1.
# shellcheck disable=SC2013
marked() {
	C_marked=''
	for C_pid in $(LC_ALL=C grep -lzxs "CONCERT_RUN=$1" /proc/[0-9]*/environ); do
		C_pid=${C_pid#/proc/}
		add_marked "${C_pid%/environ}"
	done
	[ -n "$C_marked" ]
}

add_marked() {
	start_of "$1"
	case $C_stat in
	*'(tmux: server)'*) ;;
	*) [ -z "$C_start" ] || C_marked="$C_marked $1" ;;
	esac
}

# A script that was killed may have left a tmux behind that is just about to make the window.
cut_off() {
	[ -n "$C_last" ] && [ ! -e "$C_dir/$C_last/started" ] || return
	C_marked=
	for C_pid in $(LC_ALL=C grep -alFs "c$C_last" /proc/[0-9]*/cmdline ||
		grep -lFs "c$C_last" /proc/[0-9]*/cmdline); do
		C_pid=${C_pid#/proc/}
		add_marked "${C_pid%/cmdline}"
	done
	[ -n "$C_marked" ]
}

# Fails if another script was faster.
claim() {
	mkdir -p "$C_run" 2>/dev/null || no_files
	own_dirs
	start_of $$
	C_mine=$C_dir/claim.$((C_n + 1))
	if ln -s "$c_run $$ $C_start" "$C_mine" 2>/dev/null; then
		C_was=$C_n
		last_claim
		# Had others come and gone meanwhile, the number could be a pruned one.
		[ "$C_dir/claim.$C_n" = "$C_mine" ] && return
		rm -f "$C_mine"
	elif [ ! -L "$C_mine" ]; then
		no_files
	fi
	[ "$C_last" = "$c_run" ] || rmdir "$C_run" 2>/dev/null
	return 1
}

no_files() {
	C_x=$(mkdir -p "$C_run" 2>&1 && printf '' 2>&1 >"$C_run/test" && rm -f "$C_run/test")
	fail failed "cannot write below '$C_dir': ${C_x:-no reason known} (free some space there, \
or correct its owner and mode)"
}

launch() {
	rm -f "$C_run/wrapper.pid"
	C_log=$C_run/log
	{
		make_log && put_env >"$C_run/env" && put_cmd >"$C_run/cmd" &&
			put_wrapper >"$C_run/wrapper" && put_logger >"$C_run/logger" &&
			put_machine_info >"$C_run/info" &&
			{ [ -n "$c_persistent" ] || printf '' >"$C_run/oneshot"; } &&
			{ [ -z "$c_container" ] || printf '%s\n' "$c_engine" "$c_container" >"$C_run/place"; }
	} 2>/dev/null || give_up "cannot write below '$C_run': the disk is full (free some space there)"
	make_window
	C_wpid=''
	printf '' >"$C_run/started"
	say started
	[ -z "$C_old" ] || replace_old
	prune
}

# See logger.sh; a start that was cut short may have made it already.
make_log() {
	rm -f "$C_log" && printf '' >"$C_log.$C_log_0" && ln -s "log.$C_log_0" "$C_log"
}

put_machine_info() {
	now
	put_info && printf 'boot=%s\nbegan=%s\nengine=%s\n' "$C_boot" "$C_now" "$c_engine"
}

# What was begun is taken back, so that nothing is said to have run that never did.
give_up() {
	rm -rf "$C_run"
	rm -f "$C_mine"
	fail failed "$*"
}

# C_to: the logger's path as a word in a word for tmux, which expands % and #.
quote_logger() {
	C_to=$C_run/logger
	case $C_to in
	*[!A-Za-z0-9/._@+-]*)
		C_to=$(printf %s "$C_to" | sed -e "s/'/'\\''/g" -e 's/[%#]/&&/g')
		;;
	esac
}

# All in one call: whatever came later would lose the first bytes. Until the end of it the window
# bears a name that nothing else has, and that tmux can address whatever the process is called.
make_window() {
	quote_logger
	C_w="=$c_session:=c$c_run"
	for C_try in 1 2 3 4 5 6 7 8; do
		if [ -n "$C_have" ]; then
			C_out=$(in_window new-window -d -t "=$c_session:")
		else
			C_out=$(new_session)
		fi
		case $C_out in
		@*made) return ;;
		@* | *' version '*) break ;;
		*'duplicate session'*) C_have=1 ;;
		*) forget_session ;;
		esac
	done
	# What was begun may live for a moment: its files stay, to tell of it.
	[ "${C_out#@}" = "$C_out" ] || fail failed "tmux ended while it made the window: ${C_out##*"$C_nl"}"
	give_up "tmux did not make the window: ${C_out:-no answer within 15 s} (does 'tmux new-session' \
work there?)"
}

# A server, or a session, that has just died fails whoever comes next: look again.
forget_session() {
	say beat
	nap 0.05
	C_have=
	list_panes
	read_panes
}

# A server that this begins lives long: it gets an environment of its own, not this login's.
new_session() {
	C_serve=''
	case $C_panes in
	"$c_nonce "*) ;;
	*) C_serve=1 ;;
	esac
	in_window new-session -d -s "$c_session" -x 200 -y 50
}

# in_window tmux-COMMAND…: with the rest of what one call must do.
in_window() {
	set -- "$@" -P -F '#{window_id} #{pane_id} #{version}' -n "c$c_run" -c / \
		sh "$C_run/wrapper" \; \
		set-option -w -t "$C_w" @concert_managed 1 \; \
		set-option -w -t "$C_w" @concert_run "$c_run" \; \
		set-option -w -t "$C_w" @concert_session "$c_session" \; \
		set-option -w -t "$C_w" @concert_process "$c_process" \; \
		set-option -w -t "$C_w" remain-on-exit on \; \
		set-option -w -t "$C_w" automatic-rename off \; \
		set-option -w -t "$C_w" allow-rename off \; \
		pipe-pane -t "$C_w.{top-left}" "exec sh '$C_to'"
	# A session of the user's own is left as it is.
	[ -n "$C_have" ] || set -- "$@" \; set-option -t "=$c_session:" destroy-unattached off
	[ -n "$C_have" ] || [ -z "$C_serve" ] || set -- "$@" \; set-option -s exit-unattached off
	tm_env "$@" \; rename-window -t "$C_w" "$c_process" \; display-message -p made
}

tm_env() {
	[ -z "$C_have" ] || {
		tm "$@"
		return
	}
	# shellcheck disable=SC2086
	$C_limit env -i HOME="$HOME" PATH="$PATH" TERM=screen ${USER:+USER="$USER"} \
		${LOGNAME:+LOGNAME="$LOGNAME"} ${SHELL:+SHELL="$SHELL"} ${LANG:+LANG="$LANG"} \
		${LC_ALL:+LC_ALL="$LC_ALL"} ${LC_CTYPE:+LC_CTYPE="$LC_CTYPE"} ${TZ:+TZ="$TZ"} \
		${TMUX_TMPDIR:+TMUX_TMPDIR="$TMUX_TMPDIR"} \
		${XDG_RUNTIME_DIR:+XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR"} \
		tmux -u ${c_socket:+-L "$c_socket"} "$@" 2>&1 </dev/null
}

# The new window takes the place of the finished one, if that is still what it was.
# shellcheck disable=SC2086
replace_old() {
	set -- $C_old ${C_out%% *}
	C_x="swap-window -d -s $1 -t $4 ; kill-window -t $1"
	[ "$3" != a1 ] || C_x="select-window -t $4 ; $C_x"
	tm if-shell -F -t "$1" "#{==:#{@concert_run},$2}" "$C_x" >/dev/null
}

# The files of the last few runs stay.
prune() {
	C_k=$((C_n - c_keep))
	for C_x in "$C_dir"/claim.*; do
		[ "${C_x##*.}" -le $C_k ] || return
		C_old=$(readlink "$C_x")
		C_old=${C_old%% *}
		# The mark of a daemon that a one-shot left is worth something as long as it is known.
		[ ! -e "$C_dir/$C_old/oneshot" ] || ! marked "$C_old" || continue
		[ -z "$C_old" ] || [ "$C_old" = "$C_last" ] || rm -rf "${C_dir:?}/$C_old"
		rm -f "$C_x"
	done
}
