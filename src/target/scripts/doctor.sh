# SPDX-License-Identifier: MIT
# Looks whether a machine has what concert needs, and tells each finding with its cure; or removes
# what concert keeps there. A look leaves nothing behind.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

doctor_main() {
	begin
	say "clock $(date +%s)"
	check_tmux
	check_tools
	check_files
	check_logout
	C_bad=''
	eval "set -- $c_containers"
	for C_x; do
		check_container "${C_x%% *}" "${C_x#* }"
	done
	finish
}

# found LEVEL WHAT TEXT [CURE]
found() {
	say "found $1 $2 $3"
	[ -z "$4" ] || say "cure $4"
}

# The last line of a complaint, which may be of many.
last_line() {
	C_y=${1##*"$C_nl"}
}

check_tmux() {
	command -v tmux >/dev/null || {
		found error tmux "is not installed" "apt-get install tmux"
		return
	}
	C_v=$(tmux -V 2>/dev/null)
	C_v=${C_v#tmux }
	case $C_v in
	0.* | 1.* | 2.[0-5] | 2.[0-5][!0-9]*)
		found error tmux "$C_v is too old" "install 2.6 or newer"
		return
		;;
	esac
	C_x=$(tm list-sessions -F "$c_nonce")
	case $C_x in
	"$c_nonce"*) found ok tmux "$C_v, a server runs" ;;
	*'no server running'* | *'error connecting'* | 'no sessions'*) found ok tmux "$C_v, no server runs yet" ;;
	*)
		last_line "${C_x:-it does not answer}"
		found error tmux "$C_v cannot talk to the server that runs: $C_y" \
			"end that server ('tmux kill-server' of its own version), or log out of it"
		;;
	esac
}

check_tools() {
	for C_x in awk grep sed tail readlink; do
		command -v "$C_x" >/dev/null ||
			found error tools "'$C_x' is not installed" "install coreutils, grep, sed and an awk, or busybox"
	done
	eval "set -- $c_shells"
	for C_x; do
		if command -v "$C_x" >/dev/null; then
			found ok shell "$C_x"
		else
			found error shell "'$C_x' is not installed" "install it, or set 'shell' in the file"
		fi
	done
}

check_files() {
	for C_x in "$HOME/.local/state/concert" "$C_base"; do
		[ ! -L "$C_x" ] && { [ ! -e "$C_x" ] || { [ -d "$C_x" ] && [ -O "$C_x" ]; }; } || {
			found error files "'$C_x' is a link, no directory or another user's" "remove it"
			return
		}
	done
	C_d=$C_base
	while [ ! -d "$C_d" ]; do C_d=${C_d%/*}; done
	C_x=$({ printf '%65536s' '' >"$C_d/.concert-doctor.$$"; } 2>&1) || {
		rm -f "$C_d/.concert-doctor.$$"
		last_line "$C_x"
		found error files "cannot write in '$C_d': ${C_y##*: }" "free some space there, or correct its owner and mode"
		return
	}
	rm -f "$C_d/.concert-doctor.$$"
	# shellcheck disable=SC2046
	set -- $(df -Pk "$C_d" 2>/dev/null | awk 'NR == 2 { print $4, $5 }')
	C_y="$C_base can be written, $((${1:-0} / 1024)) MB free"
	if [ "${1:-999999}" -lt 204800 ]; then
		found warning files "$C_y" "free some space: logs are cut when there is none"
	else
		found ok files "$C_y"
	fi
}

# Whether what was started outlives the logout.
check_logout() {
	command -v loginctl >/dev/null && [ -d /run/systemd/system ] || {
		found ok logout "no systemd-logind: nothing is ended at the logout"
		return
	}
	C_x=$($C_limit busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
		org.freedesktop.login1.Manager KillUserProcesses 2>/dev/null) ||
		C_x=$(cat /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf 2>/dev/null | grep -i '^KillUserProcesses=')
	case $C_x in
	*true* | *yes* | *=1*) ;;
	*)
		found ok logout "KillUserProcesses is off"
		return
		;;
	esac
	C_x=$($C_limit loginctl show-user "$(id -un)" -p Linger 2>/dev/null)
	if [ "$C_x" = Linger=yes ]; then
		found ok logout "KillUserProcesses is on, but you linger"
	else
		found error logout "KillUserProcesses is on: all that was started ends with the last logout" \
			"loginctl enable-linger"
	fi
}

# check_container ENGINE NAME; ENGINE is - where the file names none.
check_container() {
	C_e=$1
	[ "$C_e" != - ] || {
		C_e=docker
		command -v docker >/dev/null || C_e=podman
	}
	# One engine that is not there is one fault, whatever the number of containers.
	case " $C_bad " in
	*" $C_e "*) return ;;
	esac
	command -v "$C_e" >/dev/null || {
		C_bad="$C_bad $C_e"
		found error engine "'$C_e' is not installed, and '$2' is a container" "install docker or podman"
		return
	}
	C_x=$($C_limit "$C_e" inspect -f '{{.State.Status}}' "$2" 2>&1 </dev/null)
	last_line "$C_x"
	case $C_y in
	running) check_inside "$2" ;;
	*ermission*)
		C_bad="$C_bad $C_e"
		found error engine "$C_e refuses you" "sudo usermod -aG $C_e $(id -un), and log in again"
		;;
	*annot\ connect*)
		C_bad="$C_bad $C_e"
		found error engine "$C_e does not run" "sudo systemctl start $C_e"
		;;
	*o\ such*) found error container "there is no '$2'" "make it, or correct 'docker' in the file" ;;
	created | exited | dead) found error container "'$2' is $C_y" "$C_e start $2" ;;
	paused) found error container "'$2' is paused" "$C_e unpause $2" ;;
	*) found error container "'$2': ${C_y:-no answer within 15 s}" "see '$C_e inspect $2'" ;;
	esac
}

check_inside() {
	C_x=$($C_limit "$C_e" exec "$1" sh -c 'command -v bash || echo none' 2>&1 </dev/null)
	last_line "$C_x"
	case $C_y in
	*/bash) found ok container "'$1' runs in $C_e, with bash" ;;
	none) found warning container "'$1' runs in $C_e, but has no bash" "install it there, or set 'shell' in the file" ;;
	*) found error container "nothing can be run in '$1': $C_y" "see '$C_e logs $1'" ;;
	esac
}

# ---- removal ----

purge_main() {
	begin
	own_dir "$HOME/.local/state/concert"
	own_dir "$C_base"
	# Root sees other users' too, whose files are elsewhere.
	C_live=$(LC_ALL=C grep -lzs '^CONCERT_RUN=' /proc/[0-9]*/environ | while read -r C_x; do
		LC_ALL=C grep -qzxF "HOME=$HOME" "$C_x" &&
			tr '\0' '\n' <"$C_x" | sed -n 's/^CONCERT_PROCESS=//p'
	done 2>/dev/null | sort -u | tr '\n' ' ')
	[ -z "$C_live" ] || fail conflict "something that concert started runs there: ${C_live% } \
(end it first: concert kill)"
	[ -d "$C_base" ] || {
		say "purged 0"
		finish
	}
	C_x=$(rm -rf "$C_base" 2>&1) || fail failed "'$C_base' cannot be removed: ${C_x##*: }"
	rmdir "$HOME/.local/state/concert" 2>/dev/null
	say "purged 1"
	finish
}
