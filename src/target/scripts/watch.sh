# SPDX-License-Identifier: MIT
# Carries what several processes write on one channel, each byte once, in frames that name stream
# and offset: at first what is asked for of their logs, then what is added, run after run. It is
# woken by a bell, a pipe that a clock and (where it is GNU's) tail write to; what they write does
# not matter. It ends with its input, and when no heartbeat came on that for half a minute.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

watch_main() {
	exec 4<&0 </dev/null
	begin
	own_dir "$HOME/.local/state/concert"
	own_dir "$C_base"
	C_group=''
	read -r C_x </proc/$$/stat
	# shellcheck disable=SC2086
	set -- ${C_x##*) }
	[ "$3" != $$ ] || C_group=1
	: | watch_streams
}

watch_streams() {
	exec 3<>/proc/self/fd/0 </dev/null
	read -r C_me C_x </proc/self/stat
	find_tools
	clock & C_clock=$!
	deadman & C_deadman=$!
	heart <&4 & C_heart=$!
	exec 4<&-
	C_live='' C_in='' C_tail='' C_tailed='' C_chunk=65536 C_announced=''
	# shellcheck disable=SC2086
	set -- $c_streams
	while [ $# -ge 5 ]; do
		new_stream "$@"
		shift 5
	done
	now
	say "clock $(date "+$C_date") $C_now"
	rounds
	say "end $c_nonce"
	end_watch
}

# ---- what runs beside ----

find_tools() {
	C_tick=0.1 C_tails='' C_skips='' C_date=%s
	case $(tail --version 2>/dev/null) in
	*GNU*) C_tails=1 C_tick=0.2 ;;
	esac
	[ "$(printf abc | dd iflag=skip_bytes skip=2 bs=9 count=1 2>/dev/null)" != c ] || C_skips=1
	case $(date +%s.%N) in
	*.*[!0-9]* | *.) ;;
	*) C_date=%s.%N ;;
	esac
}

clock() {
	while :; do
		nap "$C_tick"
		printf . >&3
	done
}

deadman() {
	C_n=0
	trap 'C_n=0' USR1
	while [ $C_n -lt 12 ]; do
		C_n=$((C_n + 1))
		nap 2
	done
	end_watch
}

heart() {
	nap 0.5
	while read -r C_x; do
		kill -USR1 "$C_deadman" || break
	done
	end_watch
}

# Takes all with it, also what is stuck in a write to a link that is dead.
end_watch() {
	[ -z "$C_group" ] || kill -KILL 0
	# shellcheck disable=SC2086
	kill -KILL $C_clock $C_deadman $C_heart $C_tail $$ "$C_me" 2>/dev/null
	exit 1
}

# ---- streams ----
# C_V_I is what stream I has as V: p SESSION/PROCESS; n number of the claim of its run; r the run,
# empty between runs; o offset of the next byte; g its segment; z size of that; l bytes below are
# old; t when the run was first seen; e it has ended; d nothing is left of it to be told; w, a: the
# run that is wanted at first, and whether it was told to its end.

new_stream() {
	C_live="$C_live $1" C_w=$4 C_new=1
	[ "$4" != - ] || {
		C_w=''
		# There was none when it was looked for: every one is new.
		[ "$5" != -1 ] || C_new=''
	}
	eval "C_p_$1=$2/$3 C_n_$1=0 C_r_$1= C_o_$1=$5 C_w_$1=$C_w C_new_$1=$C_new C_e_$1= C_d_$1= C_z_$1="
}

load() {
	eval "C_p=\$C_p_$1 C_n=\$C_n_$1 C_r=\$C_r_$1 C_o=\$C_o_$1 C_g=\$C_g_$1 C_z=\$C_z_$1 \
C_l=\$C_l_$1 C_t=\$C_t_$1 C_e=\$C_e_$1 C_d=\$C_d_$1 C_w=\$C_w_$1 C_new=\$C_new_$1"
}

save() {
	eval "C_n_$1=$C_n C_r_$1=$C_r C_o_$1=$C_o C_g_$1=$C_g C_z_$1=$C_z C_l_$1=$C_l C_t_$1=$C_t \
C_e_$1=$C_e C_d_$1=$C_d C_w_$1=$C_w C_new_$1=$C_new"
}

done_with() {
	C_y=
	for C_x in $C_live; do
		[ "$C_x" = "$1" ] || C_y="$C_y $C_x"
	done
	C_live=$C_y
}

rounds() {
	while [ -n "$C_live" ] && [ -z "$C_gone" ]; do
		now
		C_more=''
		[ -n "$C_in" ] || ! cd "$C_base" 2>/dev/null || C_in=1
		for C_i in $C_live; do look_for_run; done
		for C_i in $C_live; do look_for_end; done
		if [ -z "$c_quiet" ]; then
			follow_tails
			sizes
			for C_i in $C_live; do next_frame; done
		fi
		for C_i in $C_live; do tell_over; done
		[ -n "$C_more" ] || [ -z "$C_live" ] || dd bs=65536 count=1 <&3 >/dev/null 2>&1
	done
}

# ---- runs ----

look_for_run() {
	load "$C_i"
	[ -z "$C_r" ] || return
	C_r=''
	[ -z "$C_in" ] || find_run
	[ -n "$C_r" ] || [ -z "$C_new" ] || say "none $C_i"
	if [ -n "$C_r" ]; then
		begin_run
	elif [ -n "$C_new" ] && [ -n "$c_once$c_no_follow" ]; then
		done_with "$C_i"
	fi
	C_new=''
	save "$C_i"
}

# C_r: the run that is wanted, or the last one; after a run, the one that was claimed next.
find_run() {
	C_f=''
	for C_x in "$C_p"/claim.*; do
		C_y=${C_x##*.}
		[ -L "$C_x" ] && [ "$C_y" -gt "$C_n" ] || continue
		C_x=$(readlink "$C_x")
		C_x=${C_x%% *}
		case $C_x in
		'' | *[!0-9a-f]*) continue ;;
		esac
		[ -L "$C_p/$C_x/log" ] || continue
		C_r=$C_x C_f=$C_y
		[ -n "$C_new" ] && [ "$C_x" != "$C_w" ] || break
	done
	[ -n "$C_r" ] || return
	if [ -n "$C_new" ] && [ -n "$C_w" ] && [ "$C_r" != "$C_w" ]; then
		# The files of the run that is wanted are gone: what is left comes after it.
		C_new='' C_r=''
		find_run
		[ -z "$C_r" ] || C_o=0
	elif [ -n "$C_new" ] && [ -n "$C_w" ] && [ "$C_o" -lt 0 ]; then
		C_n=$C_f C_r='' C_new=''
		find_run
	else
		C_n=$C_f
	fi
}

begin_run() {
	C_l=0 C_e='' C_d='' C_z='' C_t=$C_now C_seg=''
	eval "C_of_$C_r=$C_i"
	[ -z "$C_new" ] || { log_end "$C_p/$C_r"; C_l=$C_end; }
	if [ -z "$C_new" ] || [ "$C_r" != "$C_w" ]; then
		C_o=0
		[ -z "$C_new" ] || [ -n "$C_w" ] || [ "$c_lines" -lt 0 ] || last_lines
	fi
	say "begin $C_i $C_r $C_o"
	seat
}

# C_o: where the last c_lines lines begin.
last_lines() {
	C_segs='' C_o=$C_l C_left=$c_lines
	for C_x in "$C_p/$C_r"/log.1*; do
		C_segs="$C_x $C_segs"
	done
	for C_seg in $C_segs; do
		count_back || break
	done
}

# Takes C_left lines at the end of a segment; false if older ones are not wanted. A segment may end
# within a line: that line ends in the next one and was counted there, if there is a next one. What
# comes meanwhile may cut a line, which is better than none.
count_back() {
	C_part=0
	[ -z "$(tail -c 1 "$C_seg" 2>/dev/null)" ] || C_part=1
	C_want=$C_left
	[ "$C_o" = "$C_l" ] || C_want=$((C_want + C_part)) C_part=0
	[ "$C_want" -gt 0 ] || return
	C_tries=0 C_size=-1 C_was=''
	while [ "$C_size" != "$C_was" ] && [ $C_tries -lt 5 ]; do
		size_of "$C_seg"
		C_was=$C_size C_tries=$((C_tries + 1))
		# shellcheck disable=SC2046
		set -- $(tail -n "$C_want" "$C_seg" 2>/dev/null | wc -lc)
		size_of "$C_seg"
	done
	[ "$2" -le "$C_size" ] || set -- "$1" "$C_size"
	C_left=$((C_left - $1 - C_part))
	C_o=$((${C_seg##*.} - C_log_0 + C_size - $2))
	[ "$2" = "$C_size" ]
}

# C_g: the segment with byte C_o, or what follows it if that is lost.
seat() {
	C_g=''
	segment "$C_p/$C_r" "$C_o" || { C_e=1 C_d=1; return; }
	C_g=${C_seg##*.}
	[ "$C_o" -ge "$C_start" ] || {
		say "lost $C_i $C_o $C_start"
		C_o=$C_start
	}
}

look_for_end() {
	load "$C_i"
	C_d=''
	[ -z "$C_r" ] || [ -n "$C_e" ] || ! run_is_over || C_e=1
	save "$C_i"
}

# The wrapper lives until tmux has passed on the last bytes.
run_is_over() {
	C_wpid=''
	read -r C_x C_wpid C_wstart 2>/dev/null <"$C_p/$C_r/wrapper.pid"
	if [ -n "$C_wpid" ]; then
		start_of "$C_wpid"
		[ "$C_start" != "$C_wstart" ]
	else
		[ -L "$C_p/$C_r/status" ] || [ $((C_now - C_t)) -gt 1500 ]
	fi
}

tell_over() {
	load "$C_i"
	if [ -n "$C_r" ] && [ -n "$C_e" ] && [ -n "$C_d$c_quiet" ]; then
		C_x=$(readlink "$C_p/$C_r/status") || C_x=unknown:0:0
		C_y=${C_x#*:} C_s=''
		[ ! -L "$C_p/$C_r/stopped" ] && [ ! -L "$C_p/$C_r/stopping" ] || C_s=stopped
		say "over $C_i $C_r ${C_x%%:*} ${C_y%%:*} $C_s"
		C_r='' C_e='' C_more=1
		save "$C_i"
		[ -z "$c_once$c_no_follow" ] || done_with "$C_i"
	elif [ -n "$c_no_follow" ] && [ -n "$C_r" ] && [ -n "$C_d" ]; then
		done_with "$C_i"
	fi
}

# ---- bytes ----

# Its first byte of each file comes when tail has opened it: nothing is missed from then on.
follow_tails() {
	[ -n "$C_tails" ] && [ -z "$c_no_follow" ] || return
	set --
	for C_i in $C_live; do
		load "$C_i"
		[ -z "$C_r" ] || [ -z "$C_g" ] || [ -n "$C_e" ] || set -- "$@" "$C_p/$C_r/log.$C_g"
	done
	[ "$*" != "$C_tailed" ] || return
	[ -z "$C_tail" ] || kill "$C_tail"
	C_tailed=$* C_tail=''
	[ $# = 0 ] || {
		tail -q -c 1 -s 0.1 -f "$@" >&3 2>/dev/null &
		C_tail=$!
	}
}

# What the segments have now; one that is not there has no size.
sizes() {
	set --
	for C_i in $C_live; do
		load "$C_i"
		[ -z "$C_r" ] || [ -z "$C_g" ] || set -- "$@" "$C_p/$C_r/log.$C_g"
		eval "C_z_$C_i="
	done
	[ $# != 0 ] || return
	# shellcheck disable=SC2046,SC2012
	set -- $(LC_ALL=C TIME_STYLE=locale BLOCK_SIZE=1 ls -ln "$@" 2>/dev/null)
	while [ $# -ge 9 ]; do
		C_x=${9%/*}
		eval "C_x=\$C_of_${C_x##*/}"
		eval "C_z_$C_x=$5"
		shift 9
	done
}

next_frame() {
	load "$C_i"
	[ -n "$C_r" ] || return
	if [ -z "$C_z" ]; then
		seat
		C_more=1
	elif [ -n "$c_no_follow" ] && [ "$C_o" -ge "$C_l" ]; then
		C_d=1
	else
		C_at=$((C_o - C_g + C_log_0))
		if [ "$C_z" -gt $C_at ]; then
			tell_bytes $((C_z - C_at))
		elif segment "$C_p/$C_r" "$C_o" && [ "${C_seg##*.}" != "$C_g" ]; then
			C_g=${C_seg##*.} C_more=1
		else
			C_d=1
		fi
	fi
	save "$C_i"
}

# tell_bytes LEN: at most a chunk of them. One that takes long was too long for the others.
tell_bytes() {
	C_len=$1 C_time=$C_now C_size=$C_chunk
	[ "$C_o" -ge "$C_l" ] || {
		C_time=0
		[ "$C_len" -le $((C_l - C_o)) ] || C_len=$((C_l - C_o))
	}
	[ "$C_len" -le "$C_size" ] || C_len=$C_size
	[ "$C_len" -lt 131072 ] || C_len=$((C_len - C_len % 131072))
	C_size=$C_now
	if frame 2>/dev/null <"$C_p/$C_r/log.$C_g"; then
		C_o=$((C_o + C_len))
		now
		[ $((C_now - C_size)) -gt 3 ] || [ "$C_chunk" -ge 4194304 ] || C_chunk=$((C_chunk * 2))
		[ $((C_now - C_size)) -lt 10 ] || [ "$C_chunk" -le 32768 ] || C_chunk=$((C_chunk / 2))
	else
		[ -z "$C_announced" ] || end_watch
		seat
	fi
	C_more=1
}

# Not called at all if the segment cannot be opened.
frame() {
	C_announced=1
	say "data $C_i $C_o $C_len $C_time"
	if [ -z "$C_skips" ]; then
		dd bs=4096 skip=$((C_at / 4096)) count=$(((C_at % 4096 + C_len + 4095) / 4096)) |
			tail -c +$((C_at % 4096 + 1)) | head -c "$C_len"
	elif [ "$C_len" -ge 131072 ]; then
		dd iflag=skip_bytes skip="$C_at" bs=131072 count=$((C_len / 131072))
	else
		dd iflag=skip_bytes skip="$C_at" bs="$C_len" count=1
	fi && C_announced=''
}
