# SPDX-License-Identifier: MIT
# What is known of processes: claims and files of their last runs, their windows, and what of them
# lives, in one pass over /proc. What it all means is not decided here. The awk programs are kept to
# what mawk, gawk and busybox have in common.

# shellcheck shell=sh disable=SC2154,SC2034,SC2015,SC2119,SC2120

# The process table, a line or more each, as /proc/PID/stat:TEXT. Not read by awk itself: mawk gives
# up altogether when a process ends between open and read.
proc_table() {
	LC_ALL=C grep -Hs '' /proc/[0-9]*/stat
}

# Awk: the process table. add_stat() takes its lines; read_proc(pid) then fills state[], parent[],
# sid[], …; known() tells whose a pid is: set own[] for the roots before; everything below a root is
# that root's. A table without this script itself (-v self) is not complete.
# shellcheck disable=SC2016
C_awk_proc='
function add_stat(line,  i, pid) {
	i = index(line, "/stat:"); pid = substr(line, 7, i - 7)
	# A program may put newlines into its own name.
	if (pid == self) complete = 1
	else text[pid] = text[pid] substr(line, i + 6)
}
function read_all(  pid) { for (pid in text) read_proc(pid) }
function read_proc(pid,  s, n, a, i) {
	s = text[pid]
	# A program may call itself anything; its numbers stand behind the last bracket.
	while ((i = index(s, ") ")) > 0) { name[pid] = name[pid] substr(s, 1, i); s = substr(s, i + 2) }
	n = split(s, a, " ")
	if (n < 22 || a[1] == "Z" || a[1] == "X") return
	state[pid] = a[1]; parent[pid] = a[2]; group[pid] = a[3]; sid[pid] = a[4]
	foreground[pid] = a[6]; ticks[pid] = a[12] + a[13] + a[14] + a[15]
	born[pid] = a[20] "@" boot; pages[pid] = a[22]
}
# "-" for nobody. No tmux server belongs to anything, even if started from within a process; what the
# wrapper itself runs at its end bears no mark.
function known(pid) {
	if (pid in own) return own[pid]
	own[pid] = "-"
	if (!(pid in state) || index(name[pid], "(tmux: server)")) return "-"
	if (parent[pid] in lead && name[pid] ~ /\((ln|sleep)\)$/) return "-"
	if (sid[pid] in lead) return own[pid] = lead[sid[pid]]
	return own[pid] = known(parent[pid])
}'

# Awk: what was collected, told. SP is SESSION/PROCESS.
# shellcheck disable=SC2016
C_awk_facts='
BEGIN {
	n = split(sessions, a, " "); for (i = 1; i <= n; i++) asked[a[i]] = 1
	# 4096 nearly everywhere, but not on a Raspberry Pi 5.
	for (i = 0; i < 20 && (getline l < "/proc/self/smaps") > 0; i++)
		if (split(l, a, " ") == 3 && a[1] == "KernelPageSize:") { print "page", a[2] * 1024; break }
	close("/proc/self/smaps")
}
index($0, nonce) == 1 && NF == 1 { part++; next }
!part && index($0, nonce " ") == 1 {
	s = $16; sub(/:.*/, "", s)
	own_sp = substr($14, 2) "/" substr($15, 2)
	if (s in asked || (substr($14, 2) in asked)) {
		print "pane" substr($0, length(nonce) + 1)
		if ($11 == "m1") { pane_run[own_sp] = substr($12, 2); run_of[substr($12, 2)] = own_sp }
		if ($11 == "m1" && !$5) { pane_pid[substr($12, 2)] = $4; window[substr($12, 2)] = $2 }
	}
	next
}
part == 1 {
	if ((i = index($0, " -> ")) == 0) next
	n = split(substr($0, 1, i - 1), a, " "); path = a[n]
	link = substr($0, i + 4); n = split(path, a, "/")
	if (n == 3) { claim[a[1] "/" a[2]] = link; split(link, b, " "); run_of[b[1]] = a[1] "/" a[2] }
	else mark[path] = link
	next
}
part == 2 { split($0, a, "[/=]"); bears[a[3]] = a[5]; next }
part == 3 { add_stat($0); next }
part == 4 { if ((i = index($0, " -> "))) { n = split(substr($0, 1, i - 1), a, " "); late[a[n]] = substr($0, i + 4) } }
function first_line(f,  l, got) { got = (getline l < f); close(f); return got >= 0 ? "=" l : "" }
function fact(sp, r, what) { if (sp "/" r "/" what in mark) print "f " what " " mark[sp "/" r "/" what] }
function tell(sp, r, holder, since,  d, l, n, a, b) {
	d = sp "/" r "/"
	print "run", sp, r, (holder in state && born[holder] == since && holder != self) + 0
	for (n = 0; n < 40 && (getline l < (d "info")) > 0; n++) print "i " l
	close(d "info")
	fact(sp, r, "stopped")
	n = split(mark[d "stopping"], a, " ")
	if (n == 2 && a[1] in state && born[a[1]] == a[2] && a[1] != self) print "f stopping"
	if ((l = first_line(d "started")) != "") print "f started"
	if (first_line(d "notready") != "") print "f notready"
	if ((l = first_line(d "ready")) != "") print "f ready " substr(l, 2)
	l = substr(first_line(d "wrapper.pid"), 2); n = split(l, a, " ")
	if (n == 3) {
		# It may have begun after the table was read, or ended, with a status, before that.
		b = (a[2] in state && born[a[2]] == a[3]) || (a[3] + 0 >= up && index(a[3], "@" boot))
		print "f wrapper", l, b
		if (!b && !(d "status" in mark) && d "status" in late) mark[d "status"] = late[d "status"]
		if (b) { lead[a[2]] = sp; own[a[2]] = sp; wrapper[a[2]] = 1 }
	} else if (r in pane_pid) {
		lead[pane_pid[r]] = sp; own[pane_pid[r]] = sp; wrapper[pane_pid[r]] = 1
	}
	fact(sp, r, "status")
	while ((getline l < (d "survivors")) > 0) {
		split(l, a, " "); if (a[1] in state && born[a[1]] == a[2]) own[a[1]] = sp
	}
	close(d "survivors")
}
END {
	read_all()
	for (sp in pane_run) if (!(sp in claim)) claim[sp] = pane_run[sp] " 0 0"
	for (pid in bears) if (bears[pid] in run_of && !index(name[pid], "(tmux: server)"))
		own[pid] = run_of[bears[pid]]
	own[self] = "-"
	for (sp in claim) { split(claim[sp], a, " "); tell(sp, a[1], a[2], a[3]); last[sp] = a[1] }
	for (pid in state) {
		sp = known(pid)
		if (sp == "-" || pid in wrapper || !(sp in last)) continue
		print "p", last[sp], pid, parent[pid], born[pid], ticks[pid], pages[pid], state[pid]
		sum[last[sp]] += ticks[pid]
	}
	for (r in sum) if (r in window) print "cpu", window[r], up ":" sum[r]
	if (complete) print "whole"
}'

# Of C_names ("SESSION/PROCESS …", patterns allowed), in C_sessions.
facts() {
	[ -n "$C_panes" ] || list_panes
	now
	say "boot $C_boot"
	say "up $C_now"
	for C_try in 1 2 3 4 5; do
		read_facts
		case $C_facts in
		*whole) say "$C_facts"; [ -z "$c_tree" ] || tell_commands; return ;;
		esac
		nap 0.05
	done
	fail failed "what runs there cannot be read: $C_facts"
}

read_facts() {
	C_facts=$(collect | (cd "$C_base" 2>/dev/null || cd /; LC_ALL=C awk -v nonce="$c_nonce" \
		-v self=$$ -v boot="${C_boot%%-*}" -v up="$C_now" -v sessions="$C_sessions" "$C_awk_proc$C_awk_facts" 2>&1))
}

# shellcheck disable=SC2086
collect() {
	cd "$C_base" 2>/dev/null || C_names=none/none
	printf '%s\n' "$C_panes" "$c_nonce"
	set --
	for C_x in $C_names; do
		set -- "$@" $C_x/claim.* $C_x/*/sto* $C_x/*/status
	done
	ls -ldn "$@" 2>/dev/null
	printf '%s\n' "$c_nonce"
	LC_ALL=C grep -zoHs '^CONCERT_RUN=[0-9a-f]*$' /proc/[0-9]*/environ | tr '\0' '\n'
	printf '%s\n' "$c_nonce"
	proc_table
	printf '%s\n' "$c_nonce"
	# What ended meanwhile has its status by now.
	set --
	for C_x in $C_names; do
		set -- "$@" $C_x/*/status
	done
	ls -ldn "$@" 2>/dev/null
}

# shellcheck disable=SC2086
tell_commands() {
	C_x=$(printf '%s\n' "$C_facts" | sed -n 's/^p [^ ]* \([0-9]*\) .*/\/proc\/\1\/cmdline/p')
	[ -z "$C_x" ] || LC_ALL=C grep -aHs '' $C_x | tr '\000\r' '  ' | cut -c1-1100 |
		sed 's/^.proc.\([0-9]*\).cmdline:/c \1 /'
}
