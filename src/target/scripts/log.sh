# SPDX-License-Identifier: MIT
# Reads the log of a run, which lies in segments (see logger.sh). Offsets are absolute: those of
# bytes that the process wrote, whether they are still there or not.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

C_log_0=1000000000000000

# C_size: the size of a file.
size_of() {
	# shellcheck disable=SC2046,SC2012
	set -- $(LC_ALL=C TIME_STYLE=locale BLOCK_SIZE=1 ls -ln "$1" 2>/dev/null)
	C_size=${5:-0}
}

# C_seg: the segment of run directory $1 that has byte $2, or the first one after it; C_start its
# first byte, C_next the segment behind it (empty: it still grows). False if there is none.
segment() {
	C_seg='' C_next=''
	for C_x in "$1"/log.1*; do
		[ -e "$C_x" ] || continue
		if [ -n "$C_seg" ] && [ $((${C_x##*.} - C_log_0)) -gt "$2" ]; then
			C_next=$C_x
			break
		fi
		C_seg=$C_x
	done
	[ -n "$C_seg" ] && C_start=$((${C_seg##*.} - C_log_0))
}

# C_end: how many bytes the run of directory $1 has written so far.
log_end() {
	C_end=0
	segment "$1" 999999999999999 || return
	size_of "$C_seg"
	C_end=$((C_start + C_size))
}

# The bytes of file $1 from its byte $2 on, $3 of them.
bytes_of() {
	tail -c +$(($2 + 1)) "$1" 2>/dev/null | head -c "$3" 2>/dev/null
}

# All bytes of the run of directory $1 from byte $2 on.
log_from() {
	C_at=$2
	while segment "$1" "$C_at"; do
		[ "$C_at" -ge "$C_start" ] || C_at=$C_start
		tail -c +$((C_at - C_start + 1)) "$C_seg" 2>/dev/null
		[ -n "$C_next" ] || return 0
		C_at=$((${C_next##*.} - C_log_0))
	done
}
