/*
 * pf_rules.c - the rules, and which one decides about a packet.
 *
 * The last rule that matches decides, or the first one that says quick.  New
 * rules take the place of the old ones all at once.  States keep the rule
 * that made them: it waits, unlinked, until the last of them has gone, and is
 * freed by the purge worker.
 *
 * FreeBSD: pf_test_rule() of sys/netpfil/pf/pf.c, pf_ioctl.c; pf.conf(5).
 */
#include <string.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip.h"
#include "src/net/pf/pf_var.h"

static const struct field rule_fields[] = {
	FIELD(struct pf_krule, entries, LINK),
	FIELD(struct pf_krule, conf, BYTES),
	FIELD(struct pf_krule, kif, REF),
	FIELD_STAT(struct pf_krule, evaluations, UINT),
	FIELD_STAT(struct pf_krule, packets, BYTES),
	FIELD_STAT(struct pf_krule, bytes, BYTES),
	FIELD(struct pf_krule, states_cur, UINT),
	FIELD_STAT(struct pf_krule, states_tot, UINT),
	FIELD(struct pf_krule, nr, UINT),
	FIELD(struct pf_krule, unlinked, BOOL),
};
UMA_ZONE_NAMED(
    pf_rule_zone, pf, PF_Z_RULE, "pf_rule", struct pf_krule, 0, rule_fields);

/* What it says, and nothing of what lies between its members. */
static void
rule_copy(struct vnetsim_pf_rule *to, const struct vnetsim_pf_rule *from)
{
	size_t i;

	for (i = 0; i < IFNAMSIZ - 1 && from->ifname[i] != '\0'; i++)
		to->ifname[i] = from->ifname[i];
	to->src = from->src & in_mask(from->splen);
	to->dst = from->dst & in_mask(from->dplen);
	memcpy(to->sport, from->sport, sizeof(to->sport));
	memcpy(to->dport, from->dport, sizeof(to->dport));
	to->splen = from->splen;
	to->dplen = from->dplen;
	to->action = from->action;
	to->dir = from->dir;
	to->proto = from->proto;
	to->flags = from->flags;
	to->flagset = from->flagset;
	to->ifnot = from->ifnot;
	to->srcnot = from->srcnot;
	to->dstnot = from->dstnot;
	to->quick = from->quick;
	to->keep_state = from->keep_state;
	to->ifbound = from->ifbound;
	to->allow_opts = from->allow_opts;
}

struct pf_krule *
pf_krule_new(const struct vnetsim_pf_rule *conf)
{
	struct pf_krule *r = uma_zalloc(&pf_rule_zone, M_ZERO);

	if (r == NULL)
		return (NULL);
	rule_copy(&r->conf, conf);
	if (r->conf.ifname[0] != '\0' &&
	    pfi_kkif_get(&r->kif, r->conf.ifname) != 0) {
		uma_zfree(&pf_rule_zone, r);
		return (NULL);
	}
	return (r);
}

void
pf_krule_free(struct pf_krule *r)
{
	pfi_kkif_unref(&r->kif);
	uma_zfree(&pf_rule_zone, r);
}

void
pf_krules_free(struct pf_krulequeue *q)
{
	struct pf_krule *r;

	while ((r = TAILQ_FIRST(q)) != NULL) {
		TAILQ_REMOVE(q, r, entries);
		pf_krule_free(r);
	}
}

static void
rule_unlink(struct pf_krule *r)
{
	TAILQ_REMOVE(&V_pf.rules, r, entries);
	V_pf.nrules--;
	if (!ref_held(r)) {
		pf_krule_free(r);
		return;
	}
	r->unlinked = true;
	TAILQ_INSERT_TAIL(&V_pf.unlinked_rules, r, entries);
	V_pf.nunlinked++;
}

void
pf_krules_commit(struct pf_krulequeue *q)
{
	struct pf_krule *r;

	while ((r = TAILQ_FIRST(&V_pf.rules)) != NULL)
		rule_unlink(r);
	while ((r = TAILQ_FIRST(q)) != NULL) {
		TAILQ_REMOVE(q, r, entries);
		r->nr = V_pf.nrules++;
		TAILQ_INSERT_TAIL(&V_pf.rules, r, entries);
	}
}

void
pf_krule_rele(struct ref *slot)
{
	struct pf_krule *r = ref_get(slot);

	r->states_cur--;
	if (ref_drop(slot) && r->unlinked)
		pf_purge_want(vtime());
}

void
pf_purge_unlinked_rules(void)
{
	struct pf_krule *r, *next;

	TAILQ_FOREACH_SAFE (r, &V_pf.unlinked_rules, entries, next) {
		if (ref_held(r))
			continue;
		TAILQ_REMOVE(&V_pf.unlinked_rules, r, entries);
		V_pf.nunlinked--;
		pf_krule_free(r);
	}
}

/* ---- matching ---- */

static bool
match_if(const struct pf_krule *r, const struct pf_pdesc *pd)
{
	const struct pfi_kkif *kif = ref_get(&r->kif);

	return (kif == NULL || (kif == pd->kif) != r->conf.ifnot);
}

static bool
match_addr(uint32_t addr, uint32_t net, uint8_t plen, bool not )
{
	return (plen == 0 || ((addr & in_mask(plen)) == net) != not );
}

static bool
match_port(uint16_t port, const uint16_t *range)
{
	return (range[1] == 0 || (port >= range[0] && port <= range[1]));
}

static bool
match_l4(const struct pf_krule *r, const struct pf_pdesc *pd)
{
	const struct vnetsim_pf_rule *c = &r->conf;

	if (c->sport[1] != 0 || c->dport[1] != 0) {
		/* a fragment has no ports that could be trusted */
		if (pd->fragment ||
		    (pd->proto != IPPROTO_TCP && pd->proto != IPPROTO_UDP))
			return (false);
		if (!match_port(pd->sport, c->sport) ||
		    !match_port(pd->dport, c->dport))
			return (false);
	}
	if (c->flagset == 0 || pd->proto != IPPROTO_TCP)
		return (true);
	return (!pd->fragment && (pd->flags & c->flagset) == c->flags);
}

static bool
match(const struct pf_krule *r, const struct pf_pdesc *pd)
{
	const struct vnetsim_pf_rule *c = &r->conf;

	return (match_if(r, pd) && (c->dir == PF_INOUT || c->dir == pd->dir) &&
		(c->proto == 0 || c->proto == pd->proto) &&
		match_addr(pd->src, c->src, c->splen, c->srcnot) &&
		match_addr(pd->dst, c->dst, c->dplen, c->dstnot) &&
		match_l4(r, pd));
}

struct pf_krule *
pf_match(const struct pf_pdesc *pd)
{
	struct pf_krule *r, *found = NULL;

	TAILQ_FOREACH (r, &V_pf.rules, entries) {
		r->evaluations++;
		if (!match(r, pd))
			continue;
		found = r;
		if (r->conf.quick)
			break;
	}
	PF_COUNT(PFRES_MATCH);
	return (found);
}
