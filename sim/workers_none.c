/*
 * workers_none.c - stands for workers.c in a program built without libevent.
 *
 * Every job runs in this process, whatever -j says; a limit of wall time
 * (--timeout) is refused where the command line is read.
 */
#include <stddef.h>

#include "sim/workers_queue.h"

int
workers_pool(struct workers *ws)
{
	return (workers_here(ws));
}

const char *
workers_library(void)
{
	return (NULL);
}
