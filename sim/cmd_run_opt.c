/*
 * cmd_run_opt.c - the options that run, explore and order share.
 *
 * One table says which command knows which option.  A wrong one is told in one
 * line with the name that comes closest; the exit status is 64.
 */
#include "sim/cmd_run_opt.h"

#include <stdlib.h>
#include <string.h>

#define WORLD (RUN_OPT_RUN | RUN_OPT_EXPLORE)
#define ALL   (WORLD | RUN_OPT_ORDER)

enum arg { ARG_NO, ARG_YES, ARG_MAY };

static const struct opt {
	const char *name;
	char letter;
	enum arg arg;
	unsigned which;
} opts[] = {
	{ "order", 0, ARG_YES, ALL },
	{ "force", 0, ARG_NO, ALL },
	{ "skip", 0, ARG_YES, ALL },
	{ "swap", 0, ARG_YES, ALL },
	{ "move", 0, ARG_YES, ALL },
	{ "repeat", 0, ARG_YES, ALL },
	{ "close", 0, ARG_YES, WORLD },
	{ "seed", 0, ARG_YES, WORLD },
	{ "set", 0, ARG_YES, WORLD },
	{ "shuffle", 0, ARG_NO, WORLD },
	{ "ties", 0, ARG_YES, ALL },
	{ "events", 0, ARG_YES, WORLD },
	{ "jobs", 'j', ARG_YES, WORLD },
	{ "json", 0, ARG_MAY, ALL },
	{ "dot", 0, ARG_NO, RUN_OPT_ORDER },
	{ "diff", 0, ARG_YES, RUN_OPT_ORDER },
	{ "filter", 0, ARG_YES, WORLD },
	{ "level", 0, ARG_YES, RUN_OPT_EXPLORE },
	{ "time", 0, ARG_YES, RUN_OPT_EXPLORE },
	{ "timeout", 0, ARG_YES, WORLD },
	{ "until", 0, ARG_YES, RUN_OPT_RUN },
	{ "kill", 0, ARG_YES, RUN_OPT_RUN },
	{ "pcap", 0, ARG_YES, RUN_OPT_RUN },
	{ "pcap-format", 0, ARG_YES, RUN_OPT_RUN },
	{ "junit", 0, ARG_YES, RUN_OPT_RUN },
	{ "trace", 0, ARG_MAY, RUN_OPT_RUN },
	{ "out", 0, ARG_YES, RUN_OPT_RUN },
	{ "dump-dir", 0, ARG_YES, RUN_OPT_RUN },
	{ "list", 0, ARG_NO, RUN_OPT_RUN },
	{ "fail-alloc", 0, ARG_YES, RUN_OPT_RUN },
	{ "again", 0, ARG_NO, RUN_OPT_RUN },
	{ "verbose", 'v', ARG_NO, RUN_OPT_RUN },
	{ "tap", 0, ARG_NO, WORLD },
	{ "shard", 0, ARG_YES, WORLD },
	{ "no-annotations", 0, ARG_NO, WORLD },
	{ "baseline", 0, ARG_YES, WORLD },
	{ "baseline-write", 0, ARG_YES, WORLD },
	{ "today", 0, ARG_YES, WORLD },
	{ "gdb", 0, ARG_NO, RUN_OPT_RUN },
	{ "break-at", 0, ARG_YES, RUN_OPT_RUN },
};
#define NOPTS (sizeof(opts) / sizeof(opts[0]))

static const struct opt *
opt_find(const char *name, size_t len, char letter, unsigned which)
{
	for (size_t i = 0; i < NOPTS; i++) {
		if ((opts[i].which & which) == 0)
			continue;
		if (letter != 0 ? opts[i].letter == letter
				: strlen(opts[i].name) == len &&
				      strncmp(opts[i].name, name, len) == 0)
			return (&opts[i]);
	}
	return (NULL);
}

static int
opt_unknown(const struct run_opts *ro, const char *arg, unsigned which)
{
	const char *names[NOPTS], *near;
	char hint[128], name[64];
	size_t n = 0;

	for (size_t i = 0; i < NOPTS; i++)
		if ((opts[i].which & which) != 0)
			names[n++] = opts[i].name;
	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)strcspn(arg + strspn(arg, "-"), "="), arg + strspn(arg, "-"));
	near = scn_didyoumean(name, names, n);
	if (near != NULL)
		(void)snprintf(hint, sizeof(hint), "did you mean --%s?", near);
	else
		(void)snprintf(hint, sizeof(hint),
		    "'vnetsim help %s' lists what there is", ro->ro_cmd);
	return (run_opt_bad(ro, "unknown option", arg, hint));
}

/* Take argv[*i] as an option, perhaps with the word behind it. */
static int
opt_take(struct run_opts *ro, unsigned which, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL, *eq;
	const struct opt *o;
	bool lng = arg[1] == '-';

	eq = lng ? strchr(arg, '=') : NULL;
	if (lng)
		o = opt_find(arg + 2,
		    eq != NULL ? (size_t)(eq - arg - 2) : strlen(arg + 2), 0,
		    which);
	else
		o = opt_find(arg, 0, arg[1], which);
	if (o == NULL)
		return (opt_unknown(ro, arg, which));
	if (eq != NULL)
		value = eq + 1;
	else if (!lng && arg[2] != '\0')
		value = arg + 2;
	if (value != NULL && o->arg == ARG_NO)
		return (run_opt_bad(
		    ro, "no value is wanted in", arg, "leave it out"));
	if (value == NULL &&
	    (o->arg == ARG_YES ||
		(o->arg == ARG_MAY && strcmp(o->name, "json") == 0 &&
		    which == RUN_OPT_RUN))) {
		if (*i + 1 >= argc)
			return (run_opt_bad(ro, "a value is missing behind",
			    arg, "'vnetsim help' shows it"));
		value = argv[++*i];
	}
	return (run_opt_apply(ro, o->name, value));
}

/* What does not go together, and what follows from what. */
static int
opts_together(struct run_opts *ro)
{
	bool doc = ro->ro_hasjson &&
		   (strcmp(ro->ro_json, "-") == 0 || *ro->ro_json == '\0');

	if (ro->ro_tap && doc)
		return (run_opt_bad(ro, "two documents on standard output:",
		    "--tap", "--json=FILE"));
	if (ro->ro_gdb || ro->ro_break.gb_what != NULL)
		ro->ro_jobs = 0;
	if (*ro->ro_today == '\0')
		baseline_today(ro->ro_today);
	return (0);
}

/**
 * run_opts_parse() - take a command line apart
 * @ro:		out; run_opts_free() is due in each case
 * @cmd:	command, for messages
 * @which:	enum run_opt_set
 * @argc, @argv: argv[0] is the command; operands are moved to its front
 *
 * Return:	0; EXIT_USAGE: told on standard error.
 */
int
run_opts_parse(
    struct run_opts *ro, const char *cmd, unsigned which, int argc, char **argv)
{
	bool only = false;
	int error = 0;

	memset(ro, 0, sizeof(*ro));
	ro->ro_cmd = cmd;
	ro->ro_jobs = 1;
	ro->ro_out = "vnetsim-out";
	ro->ro_paths = argv;
	for (int i = 1; i < argc && error == 0; i++) {
		if (!only && strcmp(argv[i], "--") == 0)
			only = true;
		else if (!only && argv[i][0] == '-' && argv[i][1] != '\0')
			error = opt_take(ro, which, argc, argv, &i);
		else
			argv[ro->ro_npaths++] = argv[i];
	}
	return (error != 0 ? error : opts_together(ro));
}

void
run_opts_free(struct run_opts *ro)
{
	for (unsigned i = 0; i < ro->ro_play.po_nedits; i++)
		free(ro->ro_play.po_edit[i].pe_a);
	free(ro->ro_kill);
}
