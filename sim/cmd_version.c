/*
 * cmd_version.c - "vnetsim version": what this program is built from.
 */
#include <event2/event.h>
#include <pcap/pcap.h>
#include <stdio.h>

#include "sim/cmd_run.h"

#define VNETSIM_VERSION "0.1.0"

int
cmd_version(int argc, char **argv)
{
	if (argc > 1) {
		(void)fprintf(stderr,
		    "vnetsim version: unexpected '%s'; usage: vnetsim "
		    "version\n",
		    argv[1]);
		return (EXIT_USAGE);
	}
	(void)printf("vnetsim %s\nlibevent %s\n%s\n", VNETSIM_VERSION,
	    event_get_version(), pcap_lib_version());
	return (fflush(stdout) == 0 ? 0 : EXIT_IO);
}
