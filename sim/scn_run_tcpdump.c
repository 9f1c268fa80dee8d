/*
 * scn_run_tcpdump.c - tcpdump as a statement: begin, claims, end.
 *
 * A run whose calls may fail or that is explored has no tcpdump: nobody looks
 * at what it says.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/dump_file.h"
#include "sim/scn_run_var.h"

/* Taps of those that are over come off, now that the world may be called. */
void
run_tcpdump_tidy(struct scn_env *e)
{
	uint64_t id;

	while (tcpdumps_over(e->e_tcpdump, &id))
		vnetsim_bpf_detach(e->e_w, id);
}

/* The script is over. */
void
run_tcpdump_close(struct scn_env *e)
{
	tcpdumps_end(e->e_tcpdump);
	run_tcpdump_tidy(e);
	(void)vnetsim_set_bpf(e->e_w, NULL, NULL);
}

/* -w: where the file is.  Return: NULL: it is not written. */
static const char *
dump_path(struct scn_env *e, const struct scn_tcpdump *st, char path[DUMP_PATH])
{
	int n;

	if (st->file == NULL || e->e_dump == NULL)
		return (NULL);
	n = snprintf(path, DUMP_PATH, "%s%s", e->e_dump, st->file);
	return (n > 0 && n < DUMP_PATH ? path : NULL);
}

/**
 * run_tcpdump() - begin to listen
 * @e:	environment
 * @s:	statement
 *
 * Return:	0; VE_NOENT: no such jail; VE_NXIO: no such interface or link;
 *		as tcpdump_start().
 */
int
run_tcpdump(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_tcpdump *st = s->u.tcpdump;
	vnetsim_handle jail = run_jail(e, s->jail);
	char path[DUMP_PATH], why[TCPDUMP_WHY];
	struct tcpdump *td;
	uint64_t id = 0;
	int error;

	if (jail == 0)
		return (VE_NOENT);
	if (e->e_tolerant)
		return (0);
	tcpdumps_print(e->e_tcpdump, e->e_print);
	if (!st->link) {
		error = vnetsim_set_bpf(e->e_w, tcpdumps_bpf, e->e_tcpdump);
		if (error == 0)
			error =
			    vnetsim_bpf_attach(e->e_w, jail, st->ifname, &id);
		if (error != 0)
			return (error);
	}
	error = tcpdump_start(
	    e->e_tcpdump, st, s->jail, dump_path(e, st, path), &td, why);
	if (error == 0 && !st->link)
		tcpdump_tapped(td, id);
	else if (!st->link)
		vnetsim_bpf_detach(e->e_w, id);
	if (error == VE_INVAL)
		(void)snprintf(e->e_why, sizeof(e->e_why), "%.100s", why);
	if (error == 0)
		rbuf_add(&e->e_out,
		    "listening on %s, link-type EN10MB (Ethernet), "
		    "capture size 262144 bytes\n",
		    st->ifname);
	return (error);
}

/* What a claim says of it.  Return: whether it holds; if not, @why. */
bool
run_tcpdump_claim(
    struct scn_env *e, const struct scn_claim *c, int64_t *n, struct rbuf *why)
{
	const struct tcpdump *td =
	    tcpdumps_find(e->e_tcpdump, c->jail, c->name);

	*n = -1;
	if (td == NULL) {
		if (why != NULL)
			rbuf_add(why, "there was no tcpdump on %s", c->name);
		return (false);
	}
	*n = (int64_t)tcpdump_captured(td);
	if (c->text == NULL || strstr(tcpdump_lines(td), c->text) != NULL)
		return (true);
	if (why != NULL)
		rbuf_add(why, "\"%s\" is not in what it said:\n%s", c->text,
		    tcpdump_lines(td));
	return (false);
}
