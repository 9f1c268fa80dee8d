/*
 * scn_run_pf.c - pfctl(8): what it does, and what it prints.
 *
 * Several options are carried out in FreeBSD's order: disable, show, flush,
 * kill, load, enable; the first that fails ends the command.  The output has
 * the words and columns of pfctl -P: ports are numbers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <vnetsim/pf.h>

#include "sim/scn_run_var.h"

#define NS_PER_S 1000000000

static const char *
proto_name(uint8_t proto, char buf[4])
{
	switch (proto) {
	case 1:
		return ("icmp");
	case 2:
		return ("igmp");
	case 6:
		return ("tcp");
	case 17:
		return ("udp");
	case 47:
		return ("gre");
	default:
		(void)snprintf(buf, 4, "%u", proto);
		return (buf);
	}
}

/* ---- rules ---- */

static void
show_host(struct rbuf *rb, uint32_t addr, uint8_t plen, bool not,
    const uint16_t *port)
{
	if (plen == 0) {
		rbuf_add(rb, "any");
	} else {
		if (not )
			rbuf_add(rb, "! ");
		rbuf_ip(rb, addr);
		if (plen < 32)
			rbuf_add(rb, "/%u", plen);
	}
	if (port[1] == 0)
		return;
	if (port[0] == port[1])
		rbuf_add(rb, " port = %u", port[0]);
	else
		rbuf_add(rb, " port %u:%u", port[0], port[1]);
}

static void
show_flags(struct rbuf *rb, uint8_t flags)
{
	for (unsigned i = 0; i < 8; i++)
		if ((flags & 1u << i) != 0)
			rbuf_add(rb, "%c", "FSRPAUEW"[i]);
}

static void
show_rule_state(struct rbuf *rb, const struct vnetsim_pf_rule *r)
{
	if (r->flagset != 0) {
		rbuf_add(rb, " flags ");
		show_flags(rb, r->flags);
		rbuf_add(rb, "/");
		show_flags(rb, r->flagset);
	} else if (r->action == VNETSIM_PF_PASS && r->keep_state &&
		   (r->proto == 0 || r->proto == 6)) {
		rbuf_add(rb, " flags any");
	}
	if (r->action == VNETSIM_PF_PASS)
		rbuf_add(rb, r->keep_state ? " keep state" : " no state");
	if (r->keep_state && r->ifbound)
		rbuf_add(rb, " (if-bound)");
	if (r->allow_opts)
		rbuf_add(rb, " allow-opts");
	rbuf_add(rb, "\n");
}

static void
show_rule(struct rbuf *rb, const struct vnetsim_pf_rule *r)
{
	static const char *const actions[] = { "pass", "block drop",
		"block return", "block return-rst",
		"block return-icmp(port-unr)" };
	static const char *const dirs[] = { "", " in", " out" };
	char buf[4];

	rbuf_add(rb, "%s%s%s", actions[r->action], dirs[r->dir],
	    r->quick ? " quick" : "");
	if (r->ifname[0] != '\0')
		rbuf_add(rb, " on %s%s", r->ifnot ? "! " : "", r->ifname);
	if (r->splen != 0 || r->dplen != 0)
		rbuf_add(rb, " inet");
	if (r->proto != 0)
		rbuf_add(rb, " proto %s", proto_name(r->proto, buf));
	if (r->splen == 0 && r->dplen == 0 && r->sport[1] == 0 &&
	    r->dport[1] == 0) {
		rbuf_add(rb, " all");
	} else {
		rbuf_add(rb, " from ");
		show_host(rb, r->src, r->splen, r->srcnot, r->sport);
		rbuf_add(rb, " to ");
		show_host(rb, r->dst, r->dplen, r->dstnot, r->dport);
	}
	show_rule_state(rb, r);
}

static int
show_rules(struct scn_env *e, vnetsim_handle jail)
{
	struct vnetsim_pf_ruleinfo ri;

	for (uint32_t n = 0; vnetsim_pf_rule_next(e->e_w, jail, n, &ri) == 0;
	     n++)
		show_rule(&e->e_out, &ri.rule);
	return (0);
}

/* ---- states ---- */

static void
show_end(struct rbuf *rb, uint32_t addr, uint16_t port)
{
	rbuf_ip(rb, addr);
	if (port != 0)
		rbuf_add(rb, ":%u", port);
}

/* Ours first, and an arrow as the first packet went. */
static void
show_state(struct rbuf *rb, const struct vnetsim_pf_stateinfo *si)
{
	static const char *const others[] = { "NO_TRAFFIC", "SINGLE",
		"MULTIPLE" };
	bool out = si->dir == VNETSIM_PF_OUT;
	uint8_t a = out ? si->srcstate : si->dststate;
	uint8_t b = out ? si->dststate : si->srcstate;
	char buf[4];

	rbuf_add(rb, "%s %s ", si->ifname[0] != '\0' ? si->ifname : "all",
	    proto_name(si->proto, buf));
	if (out) {
		show_end(rb, si->src, si->sport);
		rbuf_add(rb, " -> ");
		show_end(rb, si->dst, si->dport);
	} else {
		show_end(rb, si->dst, si->dport);
		rbuf_add(rb, " <- ");
		show_end(rb, si->src, si->sport);
	}
	if (si->proto == 6)
		rbuf_add(rb, "       %s:%s\n",
		    scn_tcp_state_name((enum scn_tcp_state)a),
		    scn_tcp_state_name((enum scn_tcp_state)b));
	else if (si->proto != 1 && a < 3 && b < 3)
		rbuf_add(rb, "       %s:%s\n", others[a], others[b]);
	else
		rbuf_add(rb, "       %u:%u\n", a, b);
}

static int
show_states(struct scn_env *e, vnetsim_handle jail)
{
	struct vnetsim_pf_stateinfo si;

	for (uint32_t n = 0; vnetsim_pf_state_next(e->e_w, jail, n, &si) == 0;
	     n++)
		show_state(&e->e_out, &si);
	return (0);
}

/* ---- numbers ---- */

static void
show_count(struct rbuf *rb, const char *name, uint64_t n, int64_t secs)
{
	uint64_t tenths = secs > 0 ? n * 10 / (uint64_t)secs : 0;
	char rate[32];

	(void)snprintf(rate, sizeof(rate), "%" PRIu64 ".%" PRIu64, tenths / 10,
	    tenths % 10);
	rbuf_add(rb, "  %-25s %14" PRIu64 " ", name, n);
	if (secs > 0)
		rbuf_add(rb, "%14s/s\n", rate);
	else
		rbuf_add(rb, "%14s\n", "");
}

static void
show_info(struct rbuf *rb, const struct vnetsim_pf_status *st)
{
	int64_t secs = st->since / NS_PER_S;
	char line[80];

	(void)snprintf(line, sizeof(line),
	    "Status: %s for %u days %.2u:%.2u:%.2u",
	    st->running ? "Enabled" : "Disabled", (unsigned)(secs / 86400),
	    (unsigned)(secs / 3600 % 24), (unsigned)(secs / 60 % 60),
	    (unsigned)(secs % 60));
	rbuf_add(rb, "%-44s%15s\n\n", line, "Debug: Urgent");
	rbuf_add(rb, "%-27s %14s %16s\n", "State Table", "Total", "Rate");
	rbuf_add(rb, "  %-25s %14" PRIu32 " %14s\n", "current entries",
	    st->states, "");
	show_count(rb, "searches", st->searches, secs);
	show_count(rb, "inserts", st->inserts, secs);
	show_count(rb, "removals", st->removals, secs);
	rbuf_add(rb, "Counters\n");
	for (unsigned i = 0; i < VNETSIM_PF_COUNTERS; i++)
		show_count(
		    rb, vnetsim_pf_counter_name(i), st->counters[i], secs);
}

static void
show_timeouts(struct rbuf *rb, const struct vnetsim_pf_status *st)
{
	for (unsigned i = 0; i < VNETSIM_PFTM_N; i++)
		rbuf_add(rb, "%-20s %10" PRIu32 "%s\n",
		    vnetsim_pf_timeout_name(i), st->timeout[i],
		    i >= VNETSIM_PFTM_ADAPTIVE_START ? " states" : "s");
}

static int
pf_show(struct scn_env *e, uint32_t what, vnetsim_handle jail)
{
	struct vnetsim_pf_status st;
	int error;

	error = vnetsim_pf_status(e->e_w, jail, &st);
	if (error == 0 && (what & SCN_PF_RULES) != 0)
		error = show_rules(e, jail);
	if (error == 0 && (what & SCN_PF_STATES) != 0)
		error = show_states(e, jail);
	if (error != 0)
		return (error);
	if ((what & SCN_PF_INFO) != 0)
		show_info(&e->e_out, &st);
	if ((what & SCN_PF_TIMEOUTS) != 0)
		show_timeouts(&e->e_out, &st);
	if ((what & SCN_PF_MEMORY) != 0)
		rbuf_add(&e->e_out, "%-13s hard limit %8" PRIu32 "\n", "states",
		    st.limit);
	return (0);
}

/* ---- changes ---- */

static int
pf_flush(struct scn_env *e, uint32_t what, vnetsim_handle jail)
{
	unsigned bits = 0;
	uint32_t n;
	int error;

	if ((what & SCN_PF_RULES) != 0)
		bits |= VNETSIM_PF_FLUSH_RULES;
	if ((what & SCN_PF_STATES) != 0)
		bits |= VNETSIM_PF_FLUSH_STATES;
	if ((what & SCN_PF_INFO) != 0)
		bits |= VNETSIM_PF_FLUSH_INFO;
	error =
	    RUN_CALL(e, "pfctl -F", vnetsim_pf_flush(e->e_w, jail, bits, &n));
	if (error != 0)
		return (error);
	if ((what & SCN_PF_RULES) != 0)
		rbuf_add(&e->e_out, "rules cleared\n");
	if ((what & SCN_PF_STATES) != 0)
		rbuf_add(&e->e_out, "%" PRIu32 " states cleared\n", n);
	if ((what & SCN_PF_INFO) != 0)
		rbuf_add(&e->e_out, "pf: statistics cleared\n");
	return (0);
}

static int
pf_kill(struct scn_env *e, const struct scn_pf *pf, vnetsim_handle jail)
{
	uint32_t n;
	int error;

	error = RUN_CALL(e, "pfctl -k",
	    vnetsim_pf_kill(e->e_w, jail, pf->addr[0], pf->plen[0], pf->addr[1],
		pf->plen[1], &n));
	if (error == 0)
		rbuf_add(&e->e_out,
		    "killed %" PRIu32
		    " states from 1 sources and %u destinations\n",
		    n, pf->nkill - 1);
	return (error);
}

static int
pf_switch(struct scn_env *e, vnetsim_handle jail, bool on)
{
	int error;

	error = RUN_CALL(e, on ? "pfctl -e" : "pfctl -d",
	    vnetsim_pf_enable(e->e_w, jail, on));
	if (error == 0)
		rbuf_add(&e->e_out, "pf %s\n", on ? "enabled" : "disabled");
	return (error);
}

/**
 * run_pfctl() - carry out pfctl
 * @e:		environment
 * @s:		the command
 * @jail:	where it runs
 *
 * Return:	0; VE_EXIST: -e, and it is enabled; VE_NOENT: -d, and it is
 *		not; what the public calls of vnetsim/pf.h say.
 */
int
run_pfctl(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_pf *pf = s->u.pf;
	int error = 0;

	if (pf->disable)
		error = pf_switch(e, jail, false);
	if (error == 0 && pf->show != 0)
		error = pf_show(e, pf->show, jail);
	if (error == 0 && pf->flush != 0)
		error = pf_flush(e, pf->flush, jail);
	if (error == 0 && pf->nkill != 0)
		error = pf_kill(e, pf, jail);
	if (error == 0 && pf->conf != NULL)
		error = RUN_CALL(
		    e, "pfctl -f", vnetsim_pf_load(e->e_w, jail, pf->conf));
	if (error == 0 && pf->enable)
		error = pf_switch(e, jail, true);
	return (error);
}
