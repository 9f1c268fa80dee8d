/*
 * main.c - the program: find the command, run it.
 *
 * SIGPIPE and SIGXFSZ are ignored, so that a closed pipe or a full file is an
 * error that can be told, with the capture so far readable.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/capture_cmd.h"
#include "sim/cmd_run.h"
#include "sim/new_module.h"

static const struct {
	const char *name;
	int (*fn)(int argc, char **argv);
} commands[] = {
	{ "run", cmd_run },
	{ "explore", cmd_explore },
	{ "order", cmd_order },
	{ "inspect", cmd_inspect },
	{ "jls", cmd_jls },
	{ "netstat", cmd_netstat },
	{ "sockstat", cmd_sockstat },
	{ "vmstat", cmd_vmstat },
	{ "decode", cmd_decode },
	{ "check-pcap", cmd_check_pcap },
	{ "import", cmd_import },
	{ "new-module", cmd_new_module },
	{ "version", cmd_version },
	{ "--version", cmd_version },
	{ "help", cmd_help },
	{ "--help", cmd_help },
	{ "-h", cmd_help },
};

int
main(int argc, char **argv)
{
	const char *near;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		(void)fprintf(stderr,
		    "usage: vnetsim COMMAND [argument ...]; 'vnetsim help' "
		    "lists the commands\n");
		return (EXIT_USAGE);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			return (commands[i].fn(argc - 1, argv + 1));
	near = cmd_near(argv[1]);
	(void)fprintf(stderr, "vnetsim: unknown command '%s'%s%s%s\n", argv[1],
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "; 'vnetsim help' lists them");
	return (EXIT_USAGE);
}
