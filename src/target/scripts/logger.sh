# SPDX-License-Identifier: MIT
# What tmux pipes a window's output to: it writes the log of a run in segments, log.N, of which the
# oldest go when the logs of a process pass their cap, with no launcher there. N is the offset of a
# segment's first byte plus 10^15, so that names sort as numbers; `log` leads to the newest. Its
# file lies in the run's directory; l_max, the cap in bytes, stands before it (0: none).

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

logger_main() {
	trap '' HUP INT QUIT
	unset TIME_STYLE BLOCK_SIZE LS_BLOCK_SIZE BLOCKSIZE POSIXLY_CORRECT
	export LC_ALL=C
	umask 077
	cd "${0%/*}" || exit 1
	l_start=1000000000000000
	[ "$l_max" -gt 0 ] || exec cat >>log.$l_start
	measures
	make_room
	while write_segment; do
		l_start=$((l_start + l_size))
		make_room
		: >>"log.$l_start" && ln -s "log.$l_start" log.new && mv -f log.new log || exit 1
	done
}

# A segment ends at an eighth of the cap; dd, which counts reads and not bytes, may pass that by a
# sixteenth. It is looked at again after that many reads, so few suffice where little is written.
measures() {
	l_bs=$((l_max / 16)) l_count=1
	[ $l_bs -ge 512 ] || l_bs=512
	if [ $l_bs -gt 65536 ]; then
		l_bs=65536 l_count=$((l_max / 16 / 65536))
		[ $l_count -le 256 ] || l_count=256
	fi
	l_piece=$((l_max / 8 + l_bs * l_count))
}

# Writes the segment l_start; l_size is how long it became. False at the end of all.
write_segment() {
	l_size=0
	while [ "$l_size" -lt $((l_max / 8)) ]; do
		dd bs=$l_bs count=$l_count >>"log.$l_start" 2>/dev/null || exit 1
		l_was=$l_size
		size_of "log.$l_start"
		[ "$l_size" -gt "$l_was" ] || return 1
	done
}

size_of() {
	# shellcheck disable=SC2046,SC2012
	set -- $(ls -ln "$1" 2>/dev/null)
	l_size=${5:-0}
}

# Before a segment begins: what all runs of the process wrote, and that segment, stay below the
# cap. Whole runs go first, the oldest of them first, then segments of this one.
make_room() {
	l_kept=$l_size l_all=0
	# shellcheck disable=SC2046,SC2012
	set -- $(ls -ln ../*/log.1* 2>/dev/null)
	while [ $# -ge 9 ]; do
		l_all=$((l_all + $5))
		shift 9
	done
	if [ $((l_all + l_piece)) -gt "$l_max" ]; then
		# shellcheck disable=SC2012,SC2045
		for l_x in $(ls -dtr ../*/log); do
			drop_from "${l_x%/log}"
		done
	fi
	l_size=$l_kept
}

# The names of runs and segments have no spaces.
drop_from() {
	for l_y in "$1"/log.1*; do
		[ $((l_all + l_piece)) -gt "$l_max" ] && [ -e "$l_y" ] || return
		size_of "$l_y"
		rm -f "$l_y"
		l_all=$((l_all - l_size))
	done
}

logger_main
