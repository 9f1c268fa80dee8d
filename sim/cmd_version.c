/*
 * cmd_version.c - "vnetsim version": what this program is built from.
 */
#include <stdio.h>

#include "sim/capture_pcap.h"
#include "sim/cmd_run.h"
#include "sim/fatal.h"
#include "sim/workers.h"

#define VNETSIM_VERSION "0.1.0"

int
cmd_version(int argc, char **argv)
{
	const char *event = workers_library(), *pcap = capture_pcap_library();

	if (argc > 1) {
		(void)fprintf(stderr,
		    "vnetsim version: unexpected '%s'; usage: vnetsim "
		    "version\n",
		    argv[1]);
		return (EXIT_USAGE);
	}
	(void)printf("vnetsim %s\n", VNETSIM_VERSION);
#ifdef VNETSIM_CHECKING
	(void)printf("built with checks\n");
#endif
	if (event != NULL)
		(void)printf("libevent %s\n", event);
	else
		(void)printf("built without libevent\n");
	if (fatal_sanitizer() != NULL)
		(void)printf("built with %s\n", fatal_sanitizer());
	(void)printf("%s\n", pcap != NULL ? pcap : "built without libpcap");
	return (fflush(stdout) == 0 ? 0 : EXIT_IO);
}
