# SPDX-License-Identifier: MIT
# What the scripts share: the frame of an answer, clocks, the names of a machine's files, the one
# way to call tmux. Variables c_* come with the request; C_* are those that a script makes itself.
# Shell builtins are preferred all over: a fork costs as much as everything else in a line.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

begin() {
	# The login has eaten the beginning of this.
	[ -n "$c_nonce" ] || exit 1
	trap '' HUP PIPE INT QUIT
	umask 077
	unset TMUX TMUX_PANE
	C_gone='' C_panes='' C_nl='
'
	printf '\nconcert 1 %s\n' "$c_nonce"
	# The path of the files is a link's in $HOME at most, never one below it.
	[ -n "$HOME" ] && cd "$HOME" 2>/dev/null ||
		fail failed "the home directory '$HOME' cannot be entered (create it, or set HOME)"
	read -r C_host </proc/sys/kernel/hostname || C_host=$(uname -n)
	case $C_host in
	'' | .* | *[!A-Za-z0-9._-]*) C_host=$(printf %s "_$C_host" | tr -c 'A-Za-z0-9._-' _) ;;
	esac
	C_base=$HOME/.local/state/concert/$C_host
	read_boot
	C_limit=''
	! command -v timeout >/dev/null || C_limit='timeout 15'
}

# One line of the answer. A reader that is gone is remembered, and nothing else happens.
say() {
	printf '%s\n' "$*" 2>/dev/null || C_gone=1
}

finish() {
	say "end $c_nonce"
	exit 0
}

# fail KIND TEXT: what prevented it, for the user; ends the script.
fail() {
	say "fail $*"
	finish
}

# C_now: hundredths of a second since boot; they jump with no clock.
now() {
	read -r C_now C_x </proc/uptime
	C_now=${C_now%.*}${C_now#*.}
}

# C_boot: which start of the machine this is.
read_boot() {
	read -r C_boot </proc/sys/kernel/random/boot_id
}

# C_start: when pid $1 began, as TICKS@BOOT: with the pid, a name that nothing else ever had. Empty
# if there is none, or a zombie.
start_of() {
	C_start='' C_stat=''
	# A program may put newlines into its own name.
	while read -r C_x; do
		C_stat=$C_stat$C_x
	done 2>/dev/null </proc/"$1"/stat
	# shellcheck disable=SC2086
	set -- ${C_stat##*) }
	case $1 in
	'' | Z | X) ;;
	*) C_start=${20}@${C_boot%%-*} ;;
	esac
}

nap() {
	sleep "$1" 2>/dev/null >/dev/null || sleep 1
}

# The user's own server, or the one he named. No call may hang: a client of another version does.
tm() {
	# shellcheck disable=SC2086
	$C_limit tmux -u ${c_socket:+-L "$c_socket"} "$@" 2>&1 </dev/null
}

# C_panes: all panes, one a line, ours to tell from the rest of a window's name by the nonce.
list_panes() {
	C_panes=$(tm list-panes -a -F "$c_nonce #{window_id} #{pane_id} #{pane_pid} #{pane_dead} \
d#{pane_dead_status} s#{pane_dead_signal} l#{pane_pipe} a#{window_active} v#{version} \
m#{@concert_managed} r#{@concert_run} c#{@concert_cpu} S#{@concert_session} \
P#{@concert_process} #{session_name}:#{window_name}")
}

# The files of a process are below directories of one's own that are no links.
own_dir() {
	[ -e "$1" ] || [ -L "$1" ] || return 0
	# shellcheck disable=SC3067
	[ ! -L "$1" ] && [ -d "$1" ] && [ -O "$1" ] ||
		fail failed "'$1' is a link, no directory or another user's (remove it)"
}

own_dirs() {
	own_dir "$HOME/.local/state/concert"
	own_dir "$C_base"
	own_dir "$C_base/$c_session"
	own_dir "$C_base/$c_session/$c_process"
}

# The last claim: C_n its number, C_last the run, C_holder the pid that made it and C_hstart its
# start. A claim is a link that leads nowhere: made in one step, whole or not at all, and never to
# be broken by anybody, since who made it is written in it.
last_claim() {
	C_n=100000000 C_last='' C_holder='' C_hstart=''
	for C_x in "$C_dir"/claim.*; do
		[ -L "$C_x" ] && C_n=${C_x##*.}
	done
	[ "$C_n" = 100000000 ] || {
		# shellcheck disable=SC2046
		set -- $(readlink "$C_dir/claim.$C_n")
		C_last=$1 C_holder=$2 C_hstart=$3
	}
}

# The script that made the last claim is still at work on the start.
starting() {
	[ -n "$C_holder" ] && [ ! -e "$C_dir/$C_last/started" ] || return 1
	start_of "$C_holder"
	[ "$C_start" = "$C_hstart" ] && [ "$C_holder" != $$ ]
}
