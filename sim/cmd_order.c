/*
 * cmd_order.c - "vnetsim order": the steps of a teardown, as they would run.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_order_diff.h"

static const char *
or_dash(const char *s)
{
	return (s != NULL ? s : "-");
}

static int
wider(int width, const char *s)
{
	int len = (int)strlen(or_dash(s));

	return (len > width ? len : width);
}

static void
order_table(struct vnetsim *w, struct rbuf *out)
{
	struct vnetsim_step st;
	int name = 4, sub = 9, order = 5;

	for (unsigned n = 0; vnetsim_order_step(w, n, &st) == 0; n++) {
		name = wider(name, st.name);
		sub = wider(sub, st.subsystem);
		order = wider(order, st.order);
	}
	rbuf_add(out, "%3s  %-9s %-*s %-9s %-9s %-*s %-*s %3s %s\n", "#",
	    "phase", name, "step", "module", "verb", sub, "subsystem", order,
	    "order", "row", "FreeBSD");
	for (unsigned n = 0; vnetsim_order_step(w, n, &st) == 0; n++) {
		rbuf_add(out, "%3u  %-9s %-*s %-9s %-9s %-*s %-*s ", n + 1,
		    or_dash(st.phase), name, or_dash(st.name),
		    or_dash(st.module), or_dash(st.verb), sub,
		    or_dash(st.subsystem), order, or_dash(st.order));
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

/* The name of an order as the library spells it; NULL: told on stderr. */
static const char *
order_find(const char *s)
{
	const char *names[16], *near;
	unsigned n;

	for (n = 0; n < 16 && vnetsim_order_name(n) != NULL; n++) {
		names[n] = vnetsim_order_name(n);
		if (strcmp(names[n], s) == 0)
			return (names[n]);
	}
	near = scn_didyoumean(s, names, n);
	(void)fprintf(stderr, "vnetsim order: no order '%s'; %s%s\n", s,
	    near != NULL ? "did you mean " : "'vnetsim help order' names them",
	    near != NULL ? near : "");
	return (NULL);
}

/* NAME instead of --order NAME; OTHER of --diff.  Return: 0; EXIT_USAGE. */
static int
order_operands(struct run_opts *ro)
{
	if (ro->ro_npaths > 1 ||
	    (ro->ro_npaths == 1 && ro->ro_play.po_order != NULL)) {
		(void)fprintf(stderr,
		    "vnetsim order: unexpected '%s'; usage: vnetsim order "
		    "[NAME] [--diff OTHER] [--json|--dot]\n",
		    ro->ro_paths[ro->ro_npaths - 1]);
		return (EXIT_USAGE);
	}
	if (ro->ro_npaths == 1) {
		ro->ro_play.po_order = order_find(ro->ro_paths[0]);
		if (ro->ro_play.po_order == NULL)
			return (EXIT_USAGE);
	}
	if (ro->ro_diff == NULL)
		return (0);
	if (ro->ro_dot) {
		(void)fprintf(stderr,
		    "vnetsim order: --diff and --dot exclude each other\n");
		return (EXIT_USAGE);
	}
	ro->ro_diff = order_find(ro->ro_diff);
	return (ro->ro_diff != NULL ? 0 : EXIT_USAGE);
}

/* The changed order against OTHER as it is.  Return: 0: equal; 1; 71. */
static int
order_against(struct vnetsim *w, const char *name, const struct run_opts *ro,
    struct rbuf *out)
{
	const struct play_opts *po = &ro->ro_play;
	struct order_list *a, *b = NULL;
	struct order_names on = { name, ro->ro_diff, "" };
	int error = 71;

	if (po->po_nedits > 0 || po->po_force || po->po_ties != 0)
		on.changed = " (changed)";
	a = order_list_read(w);
	if (vnetsim_order_ties(w, VNETSIM_TIES_NAME) == 0 &&
	    vnetsim_order_set(w, ro->ro_diff, false) == 0)
		b = order_list_read(w);
	if (a != NULL && b != NULL)
		error = order_diff(a, b, &on, ro->ro_hasjson, out);
	free(a);
	free(b);
	return (error);
}

static int
order_show(struct vnetsim *w, const struct run_opts *ro)
{
	const char *name =
	    ro->ro_play.po_order != NULL ? ro->ro_play.po_order : "top-down";
	struct rbuf out = { 0 };
	int status = 0, error;

	if (ro->ro_diff != NULL)
		status = order_against(w, name, ro, &out);
	else if (ro->ro_hasjson)
		order_json(w, name, &out);
	else if (ro->ro_dot)
		order_dot(w, name, &out);
	else
		order_table(w, &out);
	error = report_write("-", &out);
	rbuf_free(&out);
	return (error != 0 ? error : status);
}

/**
 * cmd_order() - list an order with the changes of the command line
 *
 * With --diff, what another one has otherwise.
 * Return:	0; 1: --diff, and they differ; EXIT_USAGE: no such order or
 *		step; EXIT_IO.
 */
int
cmd_order(int argc, char **argv)
{
	struct rbuf why = { 0 };
	struct vnetsim *w = NULL;
	struct run_opts ro;
	int error, e;

	error = run_opts_parse(&ro, "order", RUN_OPT_ORDER, argc, argv);
	if (error == 0)
		error = order_operands(&ro);
	if (error == 0) {
		w = vnetsim_create(NULL, NULL, &e);
		error = w == NULL ? 71 : 0;
	}
	if (error == 0 && play_setup(w, NULL, &ro.ro_play, &why) != 0) {
		(void)fprintf(stderr, "vnetsim order: %s\n", rbuf_str(&why));
		error = EXIT_USAGE;
	}
	if (error == 0)
		error = order_show(w, &ro);
	vnetsim_destroy(w);
	rbuf_free(&why);
	run_opts_free(&ro);
	return (error);
}
