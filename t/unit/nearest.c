/* SPDX-License-Identifier: MIT */
/*
 * Suggestions for mistyped names.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "tap.h"

static const char *of_three(const char *word)
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	nearest_offer(&nearest, "roscore");
	nearest_offer(&nearest, NULL);
	nearest_offer(&nearest, "xbot2");
	nearest_offer(&nearest, "--ssh-retries");
	return nearest_best(&nearest);
}

int main(void)
{
	char longest[300];

	is_str(of_three("rocore"), "roscore", "a letter dropped");
	is_str(of_three("rsocore"), "roscore", "two letters swapped");
	is_str(of_three("XBOT2"), "xbot2", "case does not matter");
	is_str(of_three("--ssh"), "--ssh-retries", "the beginning of a long word");
	is_str(of_three("gazebo"), NULL, "nothing near");
	is_str(of_three(""), NULL, "an empty word is near nothing");
	memset(longest, 'r', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	is_str(of_three(longest), NULL, "nor is a word of 299 letters");
	return done_testing();
}
