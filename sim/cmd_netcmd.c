/*
 * cmd_netcmd.c - "vnetsim netstat", "jls", "vmstat", ...: worlds on file.
 *
 * As FreeBSD's commands look into a core of the kernel with -M; what the
 * statement of that name prints of a living world is printed of a dump.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_run.h"
#include "sim/inspect.h"
#include "sim/netcmd.h"

enum which { NETSTAT, SOCKSTAT, VMSTAT, JLS };

/* A command line; what it points to is borrowed. */
struct cmd {
	enum which cm_which;
	const char *cm_name, *cm_usage;
	const char *cm_file;
	struct scn_netstat cm_netstat;
	struct scn_sockstat cm_sockstat;
	uint32_t cm_vmstat;
	struct scn_jls cm_jls;
	bool cm_json;
};

static int
cmd_usage(const struct cmd *cm, const char *what)
{
	(void)fprintf(stderr, "vnetsim %s: %s; usage: %s\n", cm->cm_name, what,
	    cm->cm_usage);
	return (EXIT_USAGE);
}

/* Take -M FILE out of the words and read the rest.  Return: 0, EXIT_USAGE. */
static int
cmd_parse(struct cmd *cm, int argc, char **argv)
{
	const char **words = calloc((size_t)argc + 1, sizeof(*words));
	struct getarg ga;
	int n = 0, error = 0;
	bool ok;

	if (words == NULL)
		return (71);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-M") == 0 && i + 1 < argc)
			cm->cm_file = argv[++i];
		else if (strncmp(argv[i], "-M", 2) == 0 && argv[i][2] != '\0')
			cm->cm_file = argv[i] + 2;
		else if (cm->cm_which == JLS && strcmp(argv[i], "--json") == 0)
			cm->cm_json = true;
		else
			words[n++] = argv[i];
	}
	getarg_begin(&ga, n, words);
	if (cm->cm_which == NETSTAT)
		ok = netstat_parse(&cm->cm_netstat, &ga);
	else if (cm->cm_which == SOCKSTAT)
		ok = sockstat_parse(&cm->cm_sockstat, &ga);
	else if (cm->cm_which == VMSTAT)
		ok = vmstat_parse(&cm->cm_vmstat, &ga);
	else
		ok = jls_parse(&cm->cm_jls, &ga);
	if (!ok)
		error = cmd_usage(cm, ga.ga_why);
	else if (cm->cm_file == NULL)
		error = cmd_usage(cm, "no dump is named");
	free(words);
	return (error);
}

/* Return: exit code, told. */
static int
cmd_error(const struct cmd *cm, int error)
{
	const char *what = "not enough memory";

	if (error == 0)
		return (0);
	if (error == VE_NOENT)
		what = "no such jail";
	else if (error == VE_OPNOTSUPP)
		what = "interfaces and routes are shown of a running world "
		       "only; inspect ifnet, inspect rtentry";
	(void)fprintf(stderr, "vnetsim %s: %s\n", cm->cm_name, what);
	return (error == VE_NOMEM ? 71 : 1);
}

static int
cmd_look(struct cmd *cm, int argc, char **argv)
{
	struct vnetsim_view *v = NULL;
	struct rbuf out = { 0 };
	struct netcmd nc = { .nc_out = &out }; /* vnet 0: the host's */
	char *bytes = NULL;
	int error;

	error = cmd_parse(cm, argc, argv);
	if (error == 0)
		error = look_dump(cm->cm_file, false, &bytes, &v);
	if (error != 0)
		return (error);
	nc.nc_v = v;
	if (cm->cm_which == NETSTAT)
		error = netstat(&nc, &cm->cm_netstat);
	else if (cm->cm_which == SOCKSTAT)
		error = sockstat(&nc, &cm->cm_sockstat);
	else if (cm->cm_which == VMSTAT)
		error = vmstat(&nc, cm->cm_vmstat);
	else if (cm->cm_json)
		inspect_jls(v, (cm->cm_jls.flags & JLS_DYING) != 0, &out);
	else
		error = jls(&nc, &cm->cm_jls);
	error = cmd_error(cm, error);
	vnetsim_view_close(v);
	free(bytes);
	return (look_print(&out, error));
}

/**
 * cmd_netstat() - sockets and statistics of a dump
 *
 * Return:	0; 1: no such jail, or not to be had of a dump; EXIT_USAGE;
 *		EXIT_DATA: no dump, or of another build; EXIT_NOINPUT; EXIT_IO.
 */
int
cmd_netstat(int argc, char **argv)
{
	struct cmd cm = { .cm_which = NETSTAT,
		.cm_name = "netstat",
		.cm_usage = "vnetsim netstat -M FILE [-j JAIL] "
			    "[-an|-L|-s|-m] [-p PROTO]" };

	return (cmd_look(&cm, argc, argv));
}

/** cmd_sockstat() - who has which socket in a dump; Return: as cmd_netstat() */
int
cmd_sockstat(int argc, char **argv)
{
	struct cmd cm = { .cm_which = SOCKSTAT,
		.cm_name = "sockstat",
		.cm_usage = "vnetsim sockstat -M FILE [-j JAIL] [-4clLqsw] "
			    "[-P PROTOS] [-p PORTS]" };

	return (cmd_look(&cm, argc, argv));
}

/** cmd_vmstat() - memory of a dump by type; Return: as cmd_netstat() */
int
cmd_vmstat(int argc, char **argv)
{
	struct cmd cm = { .cm_which = VMSTAT,
		.cm_name = "vmstat",
		.cm_usage = "vnetsim vmstat -M FILE -m|-z" };

	return (cmd_look(&cm, argc, argv));
}

/** cmd_jls() - the jails of a dump; Return: as cmd_netstat() */
int
cmd_jls(int argc, char **argv)
{
	struct cmd cm = { .cm_which = JLS,
		.cm_name = "jls",
		.cm_usage = "vnetsim jls -M FILE [-dhNnqsv] [-j JAIL] "
			    "[--json] [PARAM ...]" };

	return (cmd_look(&cm, argc, argv));
}
