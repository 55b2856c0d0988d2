/* SPDX-License-Identifier: MIT */
/*
 * The least that a program with concert's libraries can cost: it starts, and ends.
 */
int main(void)
{
	return 0;
}
