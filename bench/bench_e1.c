/*
 * bench_e1.c - how many teardowns explore tries in a second, on one core.
 *
 * The command itself is run in a child (its figure goes to stderr), because
 * what counts is what a user gets: the script parsed once, the world made
 * anew for each schedule, default oracles on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/bench.h"
#include "sim/cmd_run.h"

#define E1_SCENARIO "bench/e1.scn"

static void
e1_child(int err)
{
	char name[] = "explore", file[] = E1_SCENARIO, level[] = "--level",
	     e1[] = "E1";
	char *argv[] = { name, file, level, e1, NULL };

	dup2(err, 2);
	if (freopen("/dev/null", "w", stdout) == NULL)
		_exit(74);
	_exit(cmd_explore(4, argv));
}

/* Schedules a second of one run; 0: it could not be run. */
static double
e1_once(void)
{
	char text[4096];
	const char *at;
	ssize_t n;
	size_t len = 0;
	int fd[2], status;
	pid_t pid;

	if (pipe(fd) != 0 || (pid = fork()) < 0)
		return (0);
	if (pid == 0)
		e1_child(fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd[0]);
	text[len] = '\0';
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		return (0);
	at = strstr(text, " s, ");
	return (at != NULL ? strtod(at + 4, NULL) : 0);
}

void
bench_e1(struct bench *b)
{
	double best = 0, one;

	if (access(E1_SCENARIO, R_OK) != 0) {
		printf("E1: " E1_SCENARIO " is not here; run from the tree\n");
		return;
	}
	for (int i = 0; i < (b->quick ? 2 : 10); i++) {
		one = e1_once();
		best = one > best ? one : best;
	}
	bench_add(b, "explore E1, " E1_SCENARIO, best, "/s", 2000, true,
	    "schedules a second, one core");
}
