/*
 * pf_state.c - the table of states: what has passed once passes again.
 *
 * A state is found by protocol and both ends.  Its key names the far end
 * first, so a packet that comes in and its answer that goes out have the same
 * key.  A packet that is forwarded comes in and goes out with its ends the
 * other way round, and needs a state for each, as in FreeBSD.  A state floats
 * between the interfaces, or is bound to one (if-bound).
 *
 * The timeout of a state follows from what both ends have sent, and counts
 * from the last packet; beyond adaptive.start states it shrinks, down to
 * nothing at adaptive.end.  An expired state stays, and counts, until the
 * purge worker comes; a state that is found there in between is used, and
 * lives on, as in FreeBSD.
 *
 * At most "limit states" of them: what would need another one is dropped
 * (memory).
 *
 * FreeBSD: sys/netpfil/pf/pf.c; pf.conf(5).
 */
#include <string.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/pf/pf_var.h"

static const struct field state_fields[] = {
	FIELD(struct pf_kstate, hnode, OPAQUE),
	FIELD(struct pf_kstate, entry, LINK),
	FIELD(struct pf_kstate, addr, BYTES),
	FIELD(struct pf_kstate, port, BYTES),
	FIELD(struct pf_kstate, proto, UINT),
	FIELD(struct pf_kstate, direction, UINT),
	FIELD(struct pf_kstate, timeout, UINT),
	FIELD(struct pf_kstate, src, BYTES),
	FIELD(struct pf_kstate, dst, BYTES),
	FIELD(struct pf_kstate, rule, REF),
	FIELD(struct pf_kstate, kif, REF),
	FIELD(struct pf_kstate, id, UINT),
	FIELD(struct pf_kstate, creation, TIME),
	FIELD(struct pf_kstate, expire, TIME),
	FIELD_STAT(struct pf_kstate, packets, BYTES),
	FIELD_STAT(struct pf_kstate, bytes, BYTES),
};
UMA_ZONE_NAMED(pf_state_zone, pf, PF_Z_STATE, "pf states", struct pf_kstate, 0,
    state_fields);

static uint32_t
key_hash(const uint32_t *addr, const uint16_t *port, uint8_t proto)
{
	return (in_hash_mix(
	    ((uint64_t)addr[0] << 32 | addr[1]) ^
	    ((uint64_t)port[0] << 48 | (uint64_t)port[1] << 32 | proto)));
}

struct pf_kstate *
pf_find_state(uint8_t proto, uint8_t dir, uint32_t src, uint16_t sport,
    uint32_t dst, uint16_t dport, const struct pfi_kkif *kif)
{
	const struct pfi_kkif *bound;
	int far = dir == PF_IN ? 0 : 1;
	struct in_hnode *n;
	struct pf_kstate *s;
	uint32_t addr[2];
	uint16_t port[2];

	addr[far] = src;
	port[far] = sport;
	addr[1 - far] = dst;
	port[1 - far] = dport;
	V_pf.searches++;
	for (n = in_hash_first(&V_pf.hash, key_hash(addr, port, proto));
	     n != NULL; n = in_hash_next(n)) {
		s = container_of(n, struct pf_kstate, hnode);
		bound = ref_get(&s->kif);
		if (s->addr[0] == addr[0] && s->addr[1] == addr[1] &&
		    s->port[0] == port[0] && s->port[1] == port[1] &&
		    s->proto == proto && (bound == NULL || bound == kif))
			return (s);
	}
	return (NULL);
}

int64_t
pf_state_expires(const struct pf_kstate *s)
{
	const uint32_t *tm = V_pf.timeout;
	uint32_t start = tm[VNETSIM_PFTM_ADAPTIVE_START];
	uint32_t end = tm[VNETSIM_PFTM_ADAPTIVE_END];
	int64_t ns = tm[s->timeout] * NS_S;

	if (end != 0 && start < end && V_pf.nstates > start)
		ns = V_pf.nstates >= end
			 ? 0
			 : ns / (end - start) * (end - V_pf.nstates);
	return (s->expire + ns);
}

void
pf_state_seen(struct pf_kstate *s, enum vnetsim_pf_timeout tm)
{
	s->expire = vtime();
	s->timeout = (uint8_t)tm;
	pf_purge_want(pf_state_expires(s));
}

static void
state_key(struct pf_kstate *s, const struct pf_pdesc *pd)
{
	int far = pd->dir == PF_IN ? 0 : 1;

	s->addr[far] = pd->src;
	s->port[far] = pd->sport;
	s->addr[1 - far] = pd->dst;
	s->port[1 - far] = pd->dport;
	s->proto = pd->proto;
	s->direction = pd->dir;
}

static struct pf_kstate *
state_alloc(const struct pf_pdesc *pd, const struct pf_krule *r)
{
	struct pf_kstate *s;

	if (V_pf.nstates >= V_pf.limit_states)
		return (NULL);
	s = uma_zalloc(&pf_state_zone, M_ZERO);
	if (s == NULL)
		return (NULL);
	state_key(s, pd);
	if (r->conf.ifbound && pfi_kkif_get(&s->kif, pd->ifp->if_xname) != 0) {
		uma_zfree(&pf_state_zone, s);
		return (NULL);
	}
	if (!in_hash_insert(
		&V_pf.hash, &s->hnode, key_hash(s->addr, s->port, s->proto))) {
		pfi_kkif_unref(&s->kif);
		uma_zfree(&pf_state_zone, s);
		return (NULL);
	}
	return (s);
}

struct pf_kstate *
pf_create_state(const struct pf_pdesc *pd, struct pf_krule *r)
{
	struct pf_kstate *s = state_alloc(pd, r);

	if (s == NULL) {
		PF_COUNT(PFRES_MEMORY);
		return (NULL);
	}
	ref_take(&s->rule, r, "rule");
	r->states_cur++;
	r->states_tot++;
	TAILQ_INSERT_TAIL(&V_pf.states, s, entry);
	V_pf.nstates++;
	V_pf.inserts++;
	s->id = V_pf.stateid++;
	s->creation = vtime();
	s->src.state = pd->proto != IPPROTO_ICMP ? PFS_SINGLE : PFS_NO_TRAFFIC;
	if (V_pf.nstates > V_pf.timeout[VNETSIM_PFTM_ADAPTIVE_START])
		pf_purge_want(vtime()); /* all of them live shorter now */
	switch (pd->proto) {
	case IPPROTO_TCP:
		pf_state_tcp_new(s, pd);
		pf_state_seen(s, VNETSIM_PFTM_TCP_FIRST_PACKET);
		break;
	case IPPROTO_UDP:
		pf_state_seen(s, VNETSIM_PFTM_UDP_FIRST_PACKET);
		break;
	case IPPROTO_ICMP:
		pf_state_seen(s, VNETSIM_PFTM_ICMP_FIRST_PACKET);
		break;
	default:
		pf_state_seen(s, VNETSIM_PFTM_OTHER_FIRST_PACKET);
	}
	return (s);
}

void
pf_unlink_state(struct pf_kstate *s)
{
	if (V_pf.purge_next == s)
		V_pf.purge_next = TAILQ_NEXT(s, entry);
	TAILQ_REMOVE(&V_pf.states, s, entry);
	in_hash_remove(&V_pf.hash, &s->hnode);
	V_pf.nstates--;
	V_pf.removals++;
	pf_krule_rele(&s->rule);
	pfi_kkif_unref(&s->kif);
	uma_zfree(&pf_state_zone, s);
}

uint32_t
pf_clear_states(void)
{
	uint32_t n = V_pf.nstates;
	struct pf_kstate *s;

	while ((s = TAILQ_FIRST(&V_pf.states)) != NULL)
		pf_unlink_state(s);
	return (n);
}

/* UDP, and whatever has no states of its own. */
static enum pf_verdict
test_state_other(struct pf_kstate *s, const struct pf_pdesc *pd)
{
	bool forth = pd->dir == s->direction;
	struct pf_state_peer *src = forth ? &s->src : &s->dst;
	struct pf_state_peer *dst = forth ? &s->dst : &s->src;
	bool udp = pd->proto == IPPROTO_UDP;

	if (pd->proto == IPPROTO_ICMP) {
		pf_state_seen(s, VNETSIM_PFTM_ICMP_ERROR_REPLY);
		return (PFV_PASS);
	}
	if (src->state < PFS_SINGLE)
		src->state = PFS_SINGLE;
	if (dst->state == PFS_SINGLE)
		dst->state = PFS_MULTIPLE;
	if (src->state == PFS_MULTIPLE && dst->state == PFS_MULTIPLE)
		pf_state_seen(s, udp ? VNETSIM_PFTM_UDP_MULTIPLE
				     : VNETSIM_PFTM_OTHER_MULTIPLE);
	else
		pf_state_seen(s,
		    udp ? VNETSIM_PFTM_UDP_SINGLE : VNETSIM_PFTM_OTHER_SINGLE);
	return (PFV_PASS);
}

enum pf_verdict
pf_test_state(const struct pf_pdesc *pd, struct pf_kstate **sp)
{
	if (pd->icmp_error)
		return (pf_test_state_icmp(pd, sp));
	*sp = pf_find_state(pd->proto, pd->dir, pd->src, pd->sport, pd->dst,
	    pd->dport, pd->kif);
	if (*sp == NULL)
		return (PFV_NOSTATE);
	if (pd->proto == IPPROTO_TCP)
		return (pf_test_state_tcp(pd, sp));
	return (test_state_other(*sp, pd));
}
