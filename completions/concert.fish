# SPDX-License-Identifier: MIT
# Completion of concert in fish. Commands and options come from the program's own tables, names of
# processes and variants from the file that the command line would read; no machine is asked.

# The -c FILE of the command line, if there is one.
function __concert_file
	set -l words (commandline -opc)
	for i in (seq 2 (count $words))
		if test $words[$i] = -c; and set -q words[(math $i + 1)]
			printf '%s\n' -c $words[(math $i + 1)]
		end
	end
end

function __concert_processes
	concert (__concert_file) list 2>/dev/null |
		awk '/^PROCESS / { rows = 1; next } !NF { rows = 0 } rows { print $1 }'
end

function __concert_variants
	concert (__concert_file) list --json 2>/dev/null | grep -o '"variants":\[[^]]*\]' |
		grep -o '"name":"[^"]*"' | cut -d '"' -f 4
end

# True while the words of a many-worded option ("-v a b") are being given. argv: its spellings
function __concert_within
	set -l last
	for word in (commandline -opc)
		string match -q -- '-*' $word; and set last $word
	end
	contains -- "$last" $argv
end

complete -c concert -f
for row in (concert help --dump 2>/dev/null)
	set -l field (string split \t -- $row)
	if test $field[1] = command
		complete -c concert -n __fish_use_subcommand -a $field[2] -d $field[4]
		set -l when "__fish_seen_subcommand_from $field[2]"
		if string match -q '*PROC*' -- $field[3]
			set -l options "__concert_within -v --variants -p --params"
			complete -c concert -n "$when; and not $options" -a '(__concert_processes)'
		else if string match -q '*COMMAND*' -- $field[3]
			complete -c concert -n $when -a "(concert help --dump | awk -F '\t' '\$1 == \"command\" { print \$2 }')"
		end
		continue
	end
	set -l option -l $field[4] -d $field[6]
	test -n "$field[3]"; and set option $option -s $field[3]
	test -n "$field[2]"; and set option $option -n "__fish_seen_subcommand_from $field[2]"
	switch $field[5]
		case ''
		case FILE
			set option $option -r -F
		case 'VARIANT*'
			set option $option -x -a '(__concert_variants)'
			complete -c concert -a '(__concert_variants)' \
				-n "__fish_seen_subcommand_from $field[2]; and __concert_within -v --variants"
		case '*|*'
			set option $option -x -a (string replace -a '|' ' ' -- $field[5])
		case '*'
			set option $option -x
	end
	complete -c concert $option
end
