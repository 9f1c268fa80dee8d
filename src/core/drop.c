/*
 * drop.c - the account of dropped packets.
 *
 * A vnet's counters are cold statistics: most vnets never drop, so they are
 * allocated at the first drop, from the reserve, because a drop happens in
 * teardown and without memory, too.  Should even that fail the drop is traced
 * and counted for the world.  What is dropped outside every vnet (on a link)
 * is counted in struct world.  Counters stop at UINT32_MAX.
 */
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/trace.h>
#include "src/core/drop_var.h"
#include "src/core/world.h"

#define DROP_PREFIX "net.drop."

static const char *const drop_oids[DROP_N] = {
#define X(n, t) [DROP_##n] = DROP_PREFIX t,
	DROP_LIST(X)
#undef X
};

const char *
drop_oid(enum drop_reason r)
{
	return ((unsigned)r < DROP_N ? drop_oids[r] : "?");
}

const char *
drop_name(enum drop_reason r)
{
	if ((unsigned)r >= DROP_N)
		return ("?");
	return (drop_oids[r] + sizeof(DROP_PREFIX) - 1);
}

static struct vnet_cold *
cold_get(struct vnet *v)
{
	if (v->v_cold == NULL)
		v->v_cold = mem_alloc(&vnet_cold_zone, sizeof(struct vnet_cold),
		    M_ZERO | M_RESERVE, v, SITE);
	return (v->v_cold);
}

void
m_drop(struct mbuf *m __takes, enum drop_reason why)
{
	struct vnet *v;
	struct vnet_cold *cold;
	uint32_t *n, len;

	MPASS((unsigned)why < DROP_N);
	v = curvnet;
	if (v == NULL && m != NULL)
		v = uma_owner(m);
	len = 0;
	if (m != NULL)
		len = (m->m_flags & M_PKTHDR) != 0 ? m->m_pkthdr.len
						   : m_length(m);
	trace(TRACE_DROP, drop_name(why), why, len);
	cold = v != NULL ? cold_get(v) : NULL;
	if (cold != NULL) {
		mem_mark(v);
		n = &cold->vc_drop[why];
	} else
		n = &curworld()->w_drop[why];
	if (*n != UINT32_MAX)
		(*n)++;
	m_freem(m);
}

unsigned long long
drop_count(enum drop_reason r)
{
	MPASS((unsigned)r < DROP_N);
	if (curvnet == NULL)
		return (curworld()->w_drop[r]);
	if (curvnet->v_cold == NULL)
		return (0);
	return (curvnet->v_cold->vc_drop[r]);
}

void
drop_clear(enum drop_reason r)
{
	MPASS((unsigned)r < DROP_N);
	if (curvnet == NULL)
		curworld()->w_drop[r] = 0;
	else if (curvnet->v_cold != NULL)
		curvnet->v_cold->vc_drop[r] = 0;
}
