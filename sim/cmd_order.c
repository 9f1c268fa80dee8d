/*
 * cmd_order.c - "vnetsim order": the steps of a teardown, as they would run.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_run.h"

static const char *
or_dash(const char *s)
{
	return (s != NULL ? s : "-");
}

static void
order_table(struct vnetsim *w, struct rbuf *out)
{
	struct vnetsim_step st;

	rbuf_add(out, "%3s  %-9s %-22s %-9s %-9s %-28s %-16s %3s %s\n", "#",
	    "phase", "step", "module", "verb", "subsystem", "order", "row",
	    "FreeBSD");
	for (unsigned n = 0; vnetsim_order_step(w, n, &st) == 0; n++) {
		rbuf_add(out, "%3u  %-9s %-22s %-9s %-9s %-28s %-16s ", n + 1,
		    or_dash(st.phase), or_dash(st.name), or_dash(st.module),
		    or_dash(st.verb), or_dash(st.subsystem), or_dash(st.order));
		if (st.row > 0)
			rbuf_add(out, "%3d", st.row);
		else
			rbuf_add(out, "%3s", "-");
		rbuf_add(out, " %s%s\n", or_dash(st.ident),
		    st.absent ? " (absent)" : "");
	}
}

static void
order_key(struct rbuf *out, const char *key, const char *s)
{
	rbuf_add(out, ",\"%s\":", key);
	report_json_string(out, s);
}

static void
order_json(struct vnetsim *w, const char *name, struct rbuf *out)
{
	struct vnetsim_step st;

	rbuf_add(out, "{\"order\":");
	report_json_string(out, name);
	rbuf_add(out, ",\"steps\":[");
	for (unsigned n = 0; vnetsim_order_step(w, n, &st) == 0; n++) {
		rbuf_add(out, "%s\n{\"n\":%u", n > 0 ? "," : "", n + 1);
		order_key(out, "phase", st.phase);
		order_key(out, "step", st.name);
		order_key(out, "module", st.module);
		order_key(out, "verb", st.verb);
		order_key(out, "subsystem", st.subsystem);
		order_key(out, "order", st.order);
		if (st.row > 0)
			rbuf_add(out, ",\"row\":%d", st.row);
		else
			rbuf_add(out, ",\"row\":null");
		order_key(out, "ident", st.ident);
		rbuf_add(out, ",\"absent\":%s}", st.absent ? "true" : "false");
	}
	rbuf_add(out, "\n]}\n");
}

/* Steps as a chain, one cluster per phase, for graphviz. */
static void
order_dot(struct vnetsim *w, const char *name, struct rbuf *out)
{
	struct vnetsim_step st;
	const char *phase = "";
	unsigned n, cluster = 0;

	rbuf_add(out, "digraph \"%s\" {\n\trankdir=TB;\n\tnode [shape=box];\n",
	    name);
	for (n = 0; vnetsim_order_step(w, n, &st) == 0; n++) {
		if (strcmp(phase, or_dash(st.phase)) != 0) {
			if (n > 0)
				rbuf_add(out, "\t}\n");
			phase = or_dash(st.phase);
			rbuf_add(out,
			    "\tsubgraph cluster_%u {\n\t\tlabel=\"%s\";\n",
			    cluster++, phase);
		}
		rbuf_add(out, "\t\ts%u [label=\"%s\"%s];\n", n,
		    or_dash(st.name), st.absent ? ", style=dashed" : "");
	}
	if (n > 0)
		rbuf_add(out, "\t}\n");
	for (unsigned i = 1; i < n; i++)
		rbuf_add(out, "\ts%u -> s%u;\n", i - 1, i);
	rbuf_add(out, "}\n");
}

/**
 * cmd_order() - list an order with the changes of the command line
 *
 * Return:	0; EXIT_USAGE: no such order or step; EXIT_IO.
 */
int
cmd_order(int argc, char **argv)
{
	struct rbuf out = { 0 }, why = { 0 };
	struct vnetsim *w = NULL;
	struct run_opts ro;
	const char *name;
	int error, e;

	error = run_opts_parse(&ro, "order", RUN_OPT_ORDER, argc, argv);
	if (error == 0 && ro.ro_npaths > 0) {
		(void)fprintf(stderr,
		    "vnetsim order: unexpected '%s'; usage: vnetsim order "
		    "[--order NAME] [--json|--dot]\n",
		    ro.ro_paths[0]);
		error = EXIT_USAGE;
	}
	if (error == 0) {
		w = vnetsim_create(NULL, NULL, &e);
		error = w == NULL ? 71 : 0;
	}
	if (error == 0 && play_setup(w, NULL, &ro.ro_play, &why) != 0) {
		(void)fprintf(stderr, "vnetsim order: %s\n", rbuf_str(&why));
		error = EXIT_USAGE;
	}
	if (error == 0) {
		name = ro.ro_play.po_order != NULL ? ro.ro_play.po_order
						   : "top-down";
		if (ro.ro_hasjson)
			order_json(w, name, &out);
		else if (ro.ro_dot)
			order_dot(w, name, &out);
		else
			order_table(w, &out);
		error = report_write("-", &out);
	}
	vnetsim_destroy(w);
	rbuf_free(&out);
	rbuf_free(&why);
	run_opts_free(&ro);
	return (error);
}
