/*
 * getarg.c - options of a command, one at a time, as getopt(3) reads them.
 *
 * The words may be those of a statement or of a command line; so a mistake is
 * told by the number of its word, and there is no state but the caller's.
 */
#include "sim/getarg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * getarg_begin() - begin to read options
 * @ga:		where it stands
 * @argc:	number of words, without the command
 * @argv:	words, borrowed
 */
void
getarg_begin(struct getarg *ga, int argc, const char *const *argv)
{
	memset(ga, 0, sizeof(*ga));
	ga->ga_argc = argc;
	ga->ga_argv = argv;
}

/** getarg_fail() - say what is wrong with a word; answers false */
bool
getarg_fail(struct getarg *ga, int word, const char *fmt, ...)
{
	va_list ap;

	ga->ga_bad = word;
	va_start(ap, fmt);
	(void)vsnprintf(ga->ga_why, sizeof(ga->ga_why), fmt, ap);
	va_end(ap);
	return (false);
}

/** getarg_end() - false, with a message, if a word is left */
bool
getarg_end(struct getarg *ga)
{
	if (ga->ga_i == ga->ga_argc)
		return (true);
	return (getarg_fail(
	    ga, ga->ga_i, "unexpected '%.64s'", ga->ga_argv[ga->ga_i]));
}

/**
 * getarg() - the next option
 * @ga:		where it stands
 * @command:	for messages
 * @letters:	options; those with a value are followed by ':'
 *
 * Return:	its letter, ga_value is set if it has a value; 0: no more, the
 *		rest of the words begins at ga_i; -1: a mistake.
 */
int
getarg(struct getarg *ga, const char *command, const char *letters)
{
	const char *l;
	char c;

	ga->ga_value = NULL;
	if (ga->ga_at == NULL || *ga->ga_at == '\0') {
		if (ga->ga_i == ga->ga_argc ||
		    ga->ga_argv[ga->ga_i][0] != '-' ||
		    ga->ga_argv[ga->ga_i][1] == '\0')
			return (0);
		ga->ga_at = ga->ga_argv[ga->ga_i++] + 1;
	}
	c = *ga->ga_at++;
	l = c == ':' ? NULL : strchr(letters, c);
	if (l == NULL) {
		(void)getarg_fail(ga, ga->ga_i - 1,
		    "%s has no option '-%c' here", command, c);
		return (-1);
	}
	if (l[1] != ':')
		return (c);
	if (*ga->ga_at != '\0') {
		ga->ga_value = ga->ga_at;
		ga->ga_at = NULL;
	} else if (ga->ga_i < ga->ga_argc) {
		ga->ga_value = ga->ga_argv[ga->ga_i++];
	} else {
		(void)getarg_fail(
		    ga, ga->ga_argc, "expected a value of '-%c'", c);
		return (-1);
	}
	return (c);
}
