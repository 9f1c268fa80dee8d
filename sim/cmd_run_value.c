/*
 * cmd_run_value.c - the values of the options that run, explore and order
 * share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_pcap.h"
#include "sim/cmd_run_opt.h"
#include "sim/workers.h"

/**
 * run_opt_bad() - tell what is wrong with a word of the command line
 * @ro:		its command
 * @what:	"no order", ...
 * @word:	as it was given
 * @hint:	what would be right
 *
 * Return:	EXIT_USAGE.
 */
int
run_opt_bad(const struct run_opts *ro, const char *what, const char *word,
    const char *hint)
{
	(void)fprintf(
	    stderr, "vnetsim %s: %s '%s'; %s\n", ro->ro_cmd, what, word, hint);
	return (EXIT_USAGE);
}

static bool
number(const char *s, uint64_t *n)
{
	char *end;

	if (*s < '0' || *s > '9')
		return (false);
	errno = 0;
	*n = strtoull(s, &end, 10);
	return (errno == 0 && *end == '\0');
}

/* "1.5s", "20ms": decimal and unit. */
static bool
span(const char *s, int64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "min", 60e9 } };
	char *end;
	double v;

	if ((*s < '0' || *s > '9') && *s != '.')
		return (false);
	v = strtod(s, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0 && v * units[i].ns < 9e18) {
			*ns = (int64_t)(v * units[i].ns + 0.5);
			return (true);
		}
	return (false);
}

static int
opt_edit(struct run_opts *ro, int edit, const char *value, const char *name)
{
	struct play_edit *pe;
	char *copy, *comma;
	bool two = edit == VNETSIM_EDIT_SWAP || edit == VNETSIM_EDIT_MOVE;

	if (ro->ro_play.po_nedits == PLAY_EDITS)
		return (run_opt_bad(ro, "too many changes at", value,
		    "at most 64 of --skip, --swap, --move, --repeat"));
	copy = strdup(value);
	if (copy == NULL)
		return (71);
	pe = &ro->ro_play.po_edit[ro->ro_play.po_nedits++];
	pe->pe_edit = edit;
	pe->pe_a = copy;
	pe->pe_b = NULL;
	if (!two)
		return (0);
	comma = strchr(copy, ',');
	if (comma == NULL)
		return (
		    run_opt_bad(ro, name, value, "two steps are needed: A,B"));
	*comma = '\0';
	pe->pe_b = comma + 1;
	return (0);
}

static int
opt_close(struct run_opts *ro, const char *value)
{
	static const char *const names[] = { "graceful", "abort", "crash",
		"wait" };
	size_t len = strcspn(value, ":");
	struct vnetsim_close_policy *cp = &ro->ro_play.po_close;

	for (int i = 0; i < 4; i++) {
		if (strlen(names[i]) != len ||
		    strncmp(names[i], value, len) != 0)
			continue;
		cp->policy = (enum vnetsim_close)i;
		cp->grace = 0;
		if (value[len] == ':' && !span(value + len + 1, &cp->grace))
			break;
		ro->ro_play.po_hasclose = true;
		return (0);
	}
	return (run_opt_bad(
	    ro, "no close policy", value, "graceful[:T], abort[:T] or crash"));
}

static int
opt_fail(struct run_opts *ro, const char *value)
{
	char buf[64], *comma;

	(void)snprintf(buf, sizeof(buf), "%s", value);
	comma = strchr(buf, ',');
	if (comma != NULL) {
		*comma = '\0';
		ro->ro_play.po_sticky = strcmp(comma + 1, "sticky") == 0;
	}
	ro->ro_failall = strcmp(buf, "all") == 0;
	if ((comma == NULL || ro->ro_play.po_sticky) &&
	    (ro->ro_failall ||
		(number(buf, &ro->ro_play.po_fail) && ro->ro_play.po_fail > 0)))
		return (0);
	return (run_opt_bad(
	    ro, "no allocation", value, "N or all, then perhaps ,sticky"));
}

static int
opt_kill(struct run_opts *ro, const char *value)
{
	char *at;

	free(ro->ro_kill);
	ro->ro_kill = strdup(value);
	at = ro->ro_kill == NULL ? NULL : strrchr(ro->ro_kill, '@');
	if (at == NULL || !number(at + 1, &ro->ro_play.po_killevent))
		return (run_opt_bad(ro, "no kill", value, "JAIL@EVENT"));
	*at = '\0';
	ro->ro_play.po_kill = ro->ro_kill;
	return (0);
}

static int
opt_until(struct run_opts *ro, const char *value)
{
	if (strncmp(value, "event:", 6) == 0 &&
	    number(value + 6, &ro->ro_play.po_untilevent) &&
	    ro->ro_play.po_untilevent > 0)
		return (0);
	if (span(value, &ro->ro_play.po_until) && ro->ro_play.po_until > 0)
		return (0);
	return (run_opt_bad(ro, "no time", value, "2s, 150ms or event:N"));
}

static int
opt_set(struct run_opts *ro, const char *value)
{
	if (strchr(value, '=') == NULL || *value == '=')
		return (
		    run_opt_bad(ro, "nothing is set by", value, "NAME=VALUE"));
	if (ro->ro_nsets == RUN_SETS)
		return (
		    run_opt_bad(ro, "too many --set at", value, "at most 256"));
	ro->ro_set[ro->ro_nsets++] = value;
	return (0);
}

static int
opt_order(struct run_opts *ro, const char *value)
{
	const char *names[16], *near;
	char hint[128];
	unsigned n;

	for (n = 0; n < 16 && vnetsim_order_name(n) != NULL; n++) {
		names[n] = vnetsim_order_name(n);
		if (strcmp(names[n], value) == 0) {
			ro->ro_play.po_order = names[n];
			return (0);
		}
	}
	near = scn_didyoumean(value, names, n);
	(void)snprintf(hint, sizeof(hint), "did you mean %s?",
	    near != NULL
		? near
		: "top-down, freebsd-13, freebsd-9 or interfaces-first");
	return (run_opt_bad(ro, "no order", value, hint));
}

static int
opt_shard(struct run_opts *ro, const char *value)
{
	if (shard_parse(value, &ro->ro_shard))
		return (0);
	return (run_opt_bad(ro, "no shard", value,
	    "I/N, 1 <= I <= N <= 10000, as in 1/4 .. 4/4"));
}

static int
opt_today(struct run_opts *ro, const char *value)
{
	if (baseline_date(value, ro->ro_today))
		return (0);
	return (run_opt_bad(ro, "no date", value, "YYYY-MM-DD"));
}

static int
opt_break(struct run_opts *ro, const char *value)
{
	struct gdb_break *gb = &ro->ro_break;

	memset(gb, 0, sizeof(*gb));
	gb->gb_what = value;
	if (strncmp(value, "step:", 5) == 0 && value[5] != '\0') {
		gb->gb_step = value + 5;
		return (0);
	}
	if (strncmp(value, "event:", 6) == 0 &&
	    number(value + 6, &gb->gb_event) && gb->gb_event > 0)
		return (0);
	if (span(value, &gb->gb_time))
		return (0);
	return (run_opt_bad(ro, "no place to stop", value,
	    "a virtual time (150ms), event:N or step:NAME"));
}

static int
opt_ties(struct run_opts *ro, const char *value)
{
	if (strcmp(value, "reverse") == 0)
		ro->ro_play.po_ties = VNETSIM_TIES_REVERSE;
	else if (strcmp(value, "name") == 0)
		ro->ro_play.po_ties = VNETSIM_TIES_NAME;
	else
		return (run_opt_bad(
		    ro, "no order of ties", value, "name or reverse"));
	return (0);
}

static int
opt_number(struct run_opts *ro, const char *name, const char *value,
    uint64_t max, unsigned *n)
{
	uint64_t v;

	if (!number(value, &v) || v > max)
		return (run_opt_bad(ro, name, value, "a number is needed"));
	*n = (unsigned)v;
	return (0);
}

/* What counts and names: numbers and the like. */
static int
opt_value(struct run_opts *ro, const char *name, const char *value)
{
	struct play_opts *po = &ro->ro_play;

	if (strcmp(name, "jobs") == 0)
		return (opt_number(
		    ro, "no number of jobs", value, 256, &ro->ro_jobs));
	if (strcmp(name, "timeout") == 0)
		return (workers_library() == NULL
			    ? run_opt_bad(ro, "no limit of time", value,
				  "built without libevent")
			    : opt_number(ro, "no seconds", value, 1000000,
				  &ro->ro_timeout));
	if (strcmp(name, "time") == 0)
		return (
		    opt_number(ro, "no seconds", value, 1000000, &ro->ro_time));
	if (strcmp(name, "seed") == 0) {
		po->po_hasseed = number(value, &po->po_seed);
		return (po->po_hasseed ? 0
				       : run_opt_bad(ro, "no seed", value,
					     "a number is needed"));
	}
	if (strcmp(name, "events") == 0)
		return (number(value, &po->po_maxevents) && po->po_maxevents > 0
			    ? 0
			    : run_opt_bad(ro, "no budget", value,
				  "a number is needed"));
	if (strcmp(name, "pcap-format") == 0) {
		ro->ro_format =
		    strcmp(value, "pcap") == 0 ? CAPTURE_PCAP : CAPTURE_PCAPNG;
		if (ro->ro_format == CAPTURE_PCAP &&
		    capture_pcap_library() == NULL)
			return (run_opt_bad(
			    ro, "no format", value, "built without libpcap"));
		if (ro->ro_format == CAPTURE_PCAP ||
		    strcmp(value, "pcapng") == 0)
			return (0);
		return (run_opt_bad(ro, "no format", value, "pcapng or pcap"));
	}
	if (strcmp(name, "level") == 0 && strcmp(value, "E1") != 0)
		return (run_opt_bad(ro, "no level", value, "E1"));
	return (0);
}

static int
opt_step(struct run_opts *ro, const char *name, const char *value)
{
	static const char *const edits[] = { [VNETSIM_EDIT_SKIP] = "skip",
		[VNETSIM_EDIT_SWAP] = "swap",
		[VNETSIM_EDIT_MOVE] = "move",
		[VNETSIM_EDIT_REPEAT] = "repeat" };

	for (int i = 0; i < 4; i++)
		if (strcmp(name, edits[i]) == 0)
			return (opt_edit(ro, i, value, name));
	return (-1);
}

/**
 * run_opt_apply() - take an option's value
 * @ro:		options
 * @name:	long name of an option that exists
 * @value:	NULL: it has none
 *
 * Return:	0; EXIT_USAGE: told; 71: no memory.
 */
int
run_opt_apply(struct run_opts *ro, const char *name, const char *value)
{
	static const struct {
		const char *name;
		int (*fn)(struct run_opts *, const char *);
	} fns[] = { { "order", opt_order }, { "close", opt_close },
		{ "ties", opt_ties }, { "set", opt_set },
		{ "fail-alloc", opt_fail }, { "kill", opt_kill },
		{ "until", opt_until }, { "shard", opt_shard },
		{ "today", opt_today }, { "break-at", opt_break } };
	struct {
		const char *name;
		bool *flag;
	} flags[] = { { "force", &ro->ro_play.po_force },
		{ "shuffle", &ro->ro_play.po_shuffle },
		{ "list", &ro->ro_list }, { "again", &ro->ro_again },
		{ "verbose", &ro->ro_verbose }, { "dot", &ro->ro_dot },
		{ "tap", &ro->ro_tap }, { "gdb", &ro->ro_gdb },
		{ "no-annotations", &ro->ro_noannotations } };
	struct {
		const char *name;
		const char **value;
	} words[] = { { "pcap", &ro->ro_pcap }, { "junit", &ro->ro_junit },
		{ "trace", &ro->ro_trace }, { "out", &ro->ro_out },
		{ "dump-dir", &ro->ro_dumpdir }, { "diff", &ro->ro_diff },
		{ "filter", &ro->ro_filter }, { "json", &ro->ro_json },
		{ "level", &ro->ro_level }, { "baseline", &ro->ro_baseline },
		{ "baseline-write", &ro->ro_baseline_write } };
	int error;

	if (value == NULL)
		value = "";
	for (size_t i = 0; i < sizeof(fns) / sizeof(fns[0]); i++)
		if (strcmp(name, fns[i].name) == 0)
			return (fns[i].fn(ro, value));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(name, flags[i].name) == 0) {
			*flags[i].flag = true;
			return (0);
		}
	error = opt_step(ro, name, value);
	if (error >= 0)
		return (error);
	if (strcmp(name, "json") == 0)
		ro->ro_hasjson = true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, words[i].name) == 0)
			*words[i].value = value;
	return (opt_value(ro, name, value));
}
