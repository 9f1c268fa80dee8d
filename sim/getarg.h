/*
 * getarg.h - options of a command, one at a time, as getopt(3) reads them.
 */
#ifndef SIM_GETARG_H
#define SIM_GETARG_H

#include <stdbool.h>

#define GETARG_WHY 128 /* bytes of a message */

/**
 * struct getarg - where it stands in the words of a command
 * @ga_argc:	how many words there are
 * @ga_argv:	(b) the words, without the command
 * @ga_i:	next word
 * @ga_at:	next letter of the word before, or NULL
 * @ga_value:	of the option just read, if it has one
 * @ga_bad:	a mistake: the word that it is in, @ga_argc: behind the last
 * @ga_why:	what is wrong
 */
struct getarg {
	int ga_argc;
	const char *const *ga_argv;
	int ga_i;
	const char *ga_at;
	const char *ga_value;
	int ga_bad;
	char ga_why[GETARG_WHY];
};

void getarg_begin(struct getarg *ga, int argc, const char *const *argv);
int getarg(struct getarg *ga, const char *command, const char *letters);
bool getarg_fail(struct getarg *ga, int word, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool getarg_end(struct getarg *ga);

#endif /* !SIM_GETARG_H */
