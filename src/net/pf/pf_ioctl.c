/*
 * pf_ioctl.c - what pfctl asks for: load, flush, kill, and read-outs.
 *
 * A load is whole or nothing: all that it needs is made before anything is
 * changed.  Timeouts and limits are those of the load; what it does not say
 * is FreeBSD's default, as pfctl does it.
 *
 * FreeBSD: sys/netpfil/pf/pf_ioctl.c; pfctl(8).
 */
#include <string.h>
#include "src/net/ip/ip.h"
#include "src/net/pf/pf_var.h"

/* FreeBSD's names and defaults: pf.conf(5), pfattach_vnet(). */
static const struct {
	const char *name;
	uint32_t val;
} timeouts[VNETSIM_PFTM_N] = {
	[VNETSIM_PFTM_TCP_FIRST_PACKET] = { "tcp.first", 120 },
	[VNETSIM_PFTM_TCP_OPENING] = { "tcp.opening", 30 },
	[VNETSIM_PFTM_TCP_ESTABLISHED] = { "tcp.established", 86400 },
	[VNETSIM_PFTM_TCP_CLOSING] = { "tcp.closing", 900 },
	[VNETSIM_PFTM_TCP_FIN_WAIT] = { "tcp.finwait", 45 },
	[VNETSIM_PFTM_TCP_CLOSED] = { "tcp.closed", 90 },
	[VNETSIM_PFTM_UDP_FIRST_PACKET] = { "udp.first", 60 },
	[VNETSIM_PFTM_UDP_SINGLE] = { "udp.single", 30 },
	[VNETSIM_PFTM_UDP_MULTIPLE] = { "udp.multiple", 60 },
	[VNETSIM_PFTM_ICMP_FIRST_PACKET] = { "icmp.first", 20 },
	[VNETSIM_PFTM_ICMP_ERROR_REPLY] = { "icmp.error", 10 },
	[VNETSIM_PFTM_OTHER_FIRST_PACKET] = { "other.first", 60 },
	[VNETSIM_PFTM_OTHER_SINGLE] = { "other.single", 30 },
	[VNETSIM_PFTM_OTHER_MULTIPLE] = { "other.multiple", 60 },
	[VNETSIM_PFTM_INTERVAL] = { "interval", 10 },
	[VNETSIM_PFTM_ADAPTIVE_START] = { "adaptive.start",
	    VNETSIM_PF_STATES / 10 * 6 },
	[VNETSIM_PFTM_ADAPTIVE_END] = { "adaptive.end",
	    VNETSIM_PF_STATES / 10 * 12 },
};

static const char *const reasons[PFRES_MAX] = {
	[PFRES_MATCH] = "match",
	[PFRES_BADOFF] = "bad-offset",
	[PFRES_FRAG] = "fragment",
	[PFRES_SHORT] = "short",
	[PFRES_NORM] = "normalize",
	[PFRES_MEMORY] = "memory",
	[PFRES_TS] = "bad-timestamp",
	[PFRES_CONGEST] = "congestion",
	[PFRES_IPOPTIONS] = "ip-option",
	[PFRES_PROTCKSUM] = "proto-cksum",
	[PFRES_BADSTATE] = "state-mismatch",
	[PFRES_STATEINS] = "state-insert",
	[PFRES_MAXSTATES] = "state-limit",
	[PFRES_SRCLIMIT] = "src-limit",
	[PFRES_SYNPROXY] = "synproxy",
};
_Static_assert(
    (int)PFRES_MAX == VNETSIM_PF_COUNTERS, "as many as the public header says");

const char *
pf_counter_name(unsigned which)
{
	return (which < PFRES_MAX ? reasons[which] : NULL);
}

const char *
pf_timeout_name(unsigned which)
{
	return (which < VNETSIM_PFTM_N ? timeouts[which].name : NULL);
}

void
pf_defaults(struct vnetsim_pf_conf *conf)
{
	unsigned i;

	memset(conf, 0, sizeof(*conf));
	conf->states = VNETSIM_PF_STATES;
	for (i = 0; i < VNETSIM_PFTM_N; i++)
		conf->timeout[i] = timeouts[i].val;
}

/* ---- load ---- */

static bool
name_ok(const char *name)
{
	return (memchr(name, '\0', IFNAMSIZ) != NULL);
}

static bool
rule_ok(const struct vnetsim_pf_rule *r)
{
	if (!name_ok(r->ifname) || r->splen > 32 || r->dplen > 32 ||
	    r->action > VNETSIM_PF_RETURN_ICMP || r->dir > VNETSIM_PF_OUT)
		return (false);
	return (r->sport[0] <= r->sport[1] && r->dport[0] <= r->dport[1] &&
		(r->flags & ~r->flagset) == 0);
}

static bool
conf_ok(const struct vnetsim_pf_conf *c)
{
	uint32_t i;

	if (c->nrules > VNETSIM_PF_RULES_MAX ||
	    c->nskip > VNETSIM_PF_SKIP_MAX || c->states == 0 ||
	    c->states > VNETSIM_PF_LIMIT_MAX ||
	    c->timeout[VNETSIM_PFTM_INTERVAL] == 0)
		return (false);
	for (i = 0; i < VNETSIM_PFTM_N; i++)
		if (c->timeout[i] > VNETSIM_PF_TIME_MAX)
			return (false);
	for (i = 0; i < c->nskip; i++)
		if (!name_ok(c->skip[i]) || c->skip[i][0] == '\0')
			return (false);
	for (i = 0; i < c->nrules; i++)
		if (!rule_ok(&c->rules[i]))
			return (false);
	return (true);
}

static int
load(const struct vnetsim_pf_conf *conf)
{
	struct pf_krulequeue q;
	struct pf_krule *r;
	uint32_t i;
	int error = 0;

	TAILQ_INIT(&q);
	for (i = 0; i < conf->nrules && error == 0; i++) {
		r = pf_krule_new(&conf->rules[i]);
		if (r != NULL)
			TAILQ_INSERT_TAIL(&q, r, entries);
		else
			error = VE_NOMEM;
	}
	if (error == 0)
		error = pfi_set_skip(conf);
	if (error != 0) {
		pf_krules_free(&q);
		return (error);
	}
	pf_krules_commit(&q);
	V_pf.limit_states = conf->states;
	memcpy(V_pf.timeout, conf->timeout, sizeof(V_pf.timeout));
	if (V_pf.nstates != 0)
		pf_purge_want(vtime());
	return (0);
}

int
pf_load(const struct vnetsim_pf_conf *conf)
{
	bool made;
	int error;

	if (!conf_ok(conf))
		return (VE_INVAL);
	error = pf_attach(&made);
	if (error == 0)
		error = load(conf);
	if (error != 0 && made)
		pf_detach();
	return (error);
}

/* ---- flush, kill ---- */

static void
clear_info(void)
{
	memset(V_pf.counters, 0, sizeof(V_pf.counters));
	V_pf.searches = V_pf.inserts = V_pf.removals = 0;
	V_pf.since = vtime();
}

void
pf_flush(unsigned what, uint32_t *states)
{
	struct pf_krulequeue none;

	*states = 0;
	if (V_pf_main == NULL)
		return;
	TAILQ_INIT(&none);
	if ((what & VNETSIM_PF_FLUSH_RULES) != 0)
		pf_krules_commit(&none);
	if ((what & VNETSIM_PF_FLUSH_STATES) != 0)
		*states = pf_clear_states();
	if ((what & VNETSIM_PF_FLUSH_INFO) != 0)
		clear_info();
}

/* The end of a state that sent its first packet: 0 or 1. */
static int
initiator(const struct pf_kstate *s)
{
	return (s->direction == PF_IN ? 0 : 1);
}

uint32_t
pf_kill_states(uint32_t src, uint8_t splen, uint32_t dst, uint8_t dplen)
{
	struct pf_kstate *s, *next;
	uint32_t n = 0;
	int from;

	if (V_pf_main == NULL)
		return (0);
	TAILQ_FOREACH_SAFE (s, &V_pf.states, entry, next) {
		from = initiator(s);
		if (((s->addr[from] ^ src) & in_mask(splen)) != 0 ||
		    ((s->addr[1 - from] ^ dst) & in_mask(dplen)) != 0)
			continue;
		pf_unlink_state(s);
		n++;
	}
	return (n);
}

/* ---- read-outs ---- */

bool
pf_rule_get(uint32_t n, struct vnetsim_pf_ruleinfo *info)
{
	const struct pf_krule *r;

	memset(info, 0, sizeof(*info));
	if (V_pf_main == NULL)
		return (false);
	TAILQ_FOREACH (r, &V_pf.rules, entries)
		if (r->nr == n)
			break;
	if (r == NULL)
		return (false);
	info->rule = r->conf;
	info->evaluations = r->evaluations;
	info->packets = r->packets[0] + r->packets[1];
	info->bytes = r->bytes[0] + r->bytes[1];
	info->states = r->states_cur;
	info->states_total = r->states_tot;
	return (true);
}

bool
pf_state_get(uint32_t n, struct vnetsim_pf_stateinfo *info)
{
	const struct pfi_kkif *kif;
	const struct pf_kstate *s;
	int from;

	memset(info, 0, sizeof(*info));
	if (V_pf_main == NULL || n >= V_pf.nstates)
		return (false);
	s = TAILQ_FIRST(&V_pf.states);
	while (n-- > 0)
		s = TAILQ_NEXT(s, entry);
	from = initiator(s);
	kif = ref_get(&s->kif);
	if (kif != NULL)
		memcpy(info->ifname, kif->pfik_name, sizeof(info->ifname));
	info->id = s->id;
	info->proto = s->proto;
	info->dir = s->direction;
	info->src = s->addr[from];
	info->dst = s->addr[1 - from];
	info->sport = s->port[from];
	info->dport = s->port[1 - from];
	info->srcstate = s->src.state;
	info->dststate = s->dst.state;
	info->age = vtime() - s->creation;
	info->expires = pf_state_expires(s) - vtime();
	memcpy(info->packets, s->packets, sizeof(info->packets));
	memcpy(info->bytes, s->bytes, sizeof(info->bytes));
	return (true);
}

void
pf_status_get(struct vnetsim_pf_status *st)
{
	struct vnetsim_pf_conf conf;

	memset(st, 0, sizeof(*st));
	pf_defaults(&conf);
	st->limit = conf.states;
	memcpy(st->timeout, conf.timeout, sizeof(st->timeout));
	if (V_pf_main == NULL)
		return;
	st->running = V_pf.running;
	st->since = vtime() - V_pf.since;
	st->states = V_pf.nstates;
	st->limit = V_pf.limit_states;
	st->rules = V_pf.nrules;
	st->searches = V_pf.searches;
	st->inserts = V_pf.inserts;
	st->removals = V_pf.removals;
	memcpy(st->counters, V_pf.counters, sizeof(st->counters));
	memcpy(st->timeout, V_pf.timeout, sizeof(st->timeout));
}
