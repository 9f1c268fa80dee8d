/*
 * rtsock_output.c - what a process writes to the routing socket.
 *
 * The message is understood, done, and becomes the answer: the same bytes with
 * the writer's number, DONE or an errno, and the interface that was found.
 * RTM_GET is answered by a new one.  Who may look at a routing table but not
 * change it, a process of a jail that has no vnet of its own, gets VE_PERM.
 *
 * Destinations are cut to their mask; without mask, or with RTF_HOST, it is a
 * host.  A gateway is an address (RTF_GATEWAY), or an interface: by its
 * number, or by an address that it has (`route add -iface ADDRESS`).
 *
 * FreeBSD: route_output(), send_rtm_reply() of sys/net/rtsock.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/route_var.h"
#include "src/net/ip/rtsock_var.h"

#define RTF_DONE 0x40

/* FreeBSD: priv_check(PRIV_NET_ROUTE) */
static bool
rts_maywrite(const struct socket *so)
{
	const struct ucred *cr = ref_get(&so->so_cred);
	const struct prison *pr = ref_get(&cr->cr_prison);

	return ((pr->pr_flags & PR_VNET) != 0);
}

/* Prefix length of a mask; < 0: it has holes. */
static int
rts_plen(uint32_t mask)
{
	int plen = 0;

	while (plen < 32 && in_mask((uint8_t)plen) != mask)
		plen++;
	return (in_mask((uint8_t)plen) == mask ? plen : -1);
}

static struct ifnet *
rts_ifbyaddr(uint32_t addr)
{
	struct ifnet *ifp;

	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp))
		if (in_localaddr_of(ifp, addr))
			break;
	return (ifp);
}

/* The gateway, and the interface, of a message.  Return: 0 or an errno. */
static int
rts_gateway(const struct vnetsim_rtmsg *msg, struct rib_cmd *rc)
{
	uint32_t idx = 0;

	if ((msg->addrs & VNETSIM_RTA_IFP) != 0)
		idx = msg->ifp.index;
	if ((msg->addrs & VNETSIM_RTA_GATEWAY) != 0) {
		if ((msg->flags & VNETSIM_RTF_GATEWAY) != 0)
			rc->rc_gw = msg->gateway;
		else if (msg->gwlink.index != 0)
			idx = msg->gwlink.index;
		else {
			rc->rc_ifp = rts_ifbyaddr(msg->gateway);
			return (rc->rc_ifp != NULL ? 0 : VE_NETUNREACH);
		}
	}
	if (idx == 0)
		return (0);
	rc->rc_ifp = ifnet_byindex(idx);
	return (rc->rc_ifp != NULL ? 0 : VE_NXIO);
}

static int
rts_cmd(const struct socket *so, const struct vnetsim_rtmsg *msg,
    struct rib_cmd *rc)
{
	int plen = 32;

	memset(rc, 0, sizeof(*rc));
	if ((msg->addrs & VNETSIM_RTA_DST) == 0)
		return (VE_INVAL);
	if ((msg->addrs & VNETSIM_RTA_NETMASK) != 0 &&
	    (msg->flags & VNETSIM_RTF_HOST) == 0)
		plen = rts_plen(msg->netmask);
	if (plen < 0)
		return (VE_INVAL);
	rc->rc_fib = so->so_fibnum;
	rc->rc_plen = (uint8_t)plen;
	rc->rc_dst = msg->dst & in_mask((uint8_t)plen);
	rc->rc_flags = msg->flags & (RTF_STATIC | RTF_REJECT | RTF_BLACKHOLE);
	if ((msg->inits & VNETSIM_RTV_MTU) != 0)
		rc->rc_mtu = msg->mtu;
	return (rts_gateway(msg, rc));
}

/* Routes change, and the handlers keep quiet. */
static int
rts_act(int action, const struct rib_cmd *rc)
{
	int error;

	rts_quiet(true);
	error = rib_action(action, rc);
	rts_quiet(false);
	return (error);
}

/* By which interface does this route go now?  0: none. */
static uint32_t
rts_index(const struct rib_cmd *rc)
{
	const struct rtentry *rt =
	    fib4_find(rt_table(rc->rc_fib), rc->rc_dst, rc->rc_plen);
	const struct nhop_object *nh =
	    rt != NULL ? ref_get(&rt->rt_nhop) : NULL;
	const struct ifnet *ifp = nh != NULL ? ref_get(&nh->nh_ifp) : NULL;

	return (ifp != NULL ? ifp->if_index : 0);
}

/* ADD, CHANGE, DELETE.  @index: out, the interface. */
static int
rts_write(
    const struct socket *so, const struct vnetsim_rtmsg *msg, uint32_t *index)
{
	struct rib_cmd rc;
	int error;

	if (!rts_maywrite(so))
		return (VE_PERM);
	error = rts_cmd(so, msg, &rc);
	if (error != 0)
		return (error);
	if (msg->type == VNETSIM_RTM_DELETE) {
		*index = rts_index(&rc);
		return (rts_act(RTM_DELETE, &rc));
	}
	if (msg->type == VNETSIM_RTM_ADD &&
	    (msg->addrs & VNETSIM_RTA_GATEWAY) == 0)
		return (VE_INVAL);
	error = rts_act(msg->type, &rc);
	if (error == 0)
		*index = rts_index(&rc);
	return (error);
}

/* FreeBSD: with a mask exactly that route, else the longest match. */
static int
rts_get(const struct socket *so, struct vnetsim_rtmsg *msg)
{
	const struct fib4 *fib = rt_table(so->so_fibnum);
	const struct rtentry *rt;
	int plen = 0;

	if ((msg->addrs & VNETSIM_RTA_DST) == 0)
		return (VE_INVAL);
	if ((msg->addrs & VNETSIM_RTA_NETMASK) != 0)
		plen = rts_plen(msg->netmask);
	if (plen < 0 || fib == NULL)
		return (VE_INVAL);
	if ((msg->addrs & VNETSIM_RTA_NETMASK) != 0)
		rt = fib4_find(
		    fib, msg->dst & in_mask((uint8_t)plen), (uint8_t)plen);
	else
		rt = fib4_match(fib, msg->dst);
	if (rt == NULL)
		return (VE_SRCH);
	rts_fill_get(msg, rt);
	return (0);
}

/* The answer: to all, or to all but the writer. */
static void
rts_reply(const struct rcb *rcb, const uint8_t *p, uint32_t len)
{
	const struct socket *so = rcb->rcb_socket;
	struct rts_scope sc = { .fib = so->so_fibnum, .family = RTS_INET };

	if ((so->so_options & SO_USELOOPBACK) == 0) {
		if (V_rtsock.cb->cb_count == 1)
			return;
		sc.except = rcb;
	}
	rts_dispatch(p, len, &sc);
}

/* Return: the errno of the answer; @buf and @lenp: the answer. */
static int
rts_process(const struct rcb *rcb, uint8_t *buf, uint32_t *lenp, size_t size)
{
	const struct socket *so = rcb->rcb_socket;
	struct vnetsim_rtmsg msg;
	uint32_t index = 0;
	int error = rts_decode(buf, *lenp, &msg);

	if (error == 0 && msg.type == VNETSIM_RTM_GET) {
		error = rts_get(so, &msg);
		if (error == 0)
			*lenp = (uint32_t)rts_encode(&msg, buf, size);
	} else if (error == 0) {
		error = msg.type <= VNETSIM_RTM_CHANGE
			    ? rts_write(so, &msg, &index)
			    : VE_OPNOTSUPP;
		if (error == 0)
			le16enc(buf + RTM_O_INDEX, index);
	}
	le32enc(buf + RTM_O_PID, (uint32_t)rcb->rcb_pid);
	le32enc(buf + RTM_O_ERRNO, (uint32_t)error);
	if (error == 0)
		le32enc(
		    buf + RTM_O_FLAGS, le32dec(buf + RTM_O_FLAGS) | RTF_DONE);
	return (error);
}

int
rts_output(struct rcb *rcb, struct mbuf *m __takes)
{
	uint8_t buf[VNETSIM_RTM_MAXLEN];
	uint32_t len = m->m_pkthdr.len;
	int error;

	if (len < RTM_HDRLEN || len > sizeof(buf)) {
		m_freem(m);
		return (VE_INVAL);
	}
	m_copydata(m, 0, len, buf);
	m_freem(m);
	/* FreeBSD: one that is not as long as it says is not answered */
	if (le16dec(buf) != len)
		return (VE_INVAL);
	error = rts_process(rcb, buf, &len, sizeof(buf));
	if (error != VE_NOBUFS)
		rts_reply(rcb, buf, len);
	return (error);
}

/* ---- route(8) without a process ---- */

static void
rts_told(int action, const struct rib_cmd *rc, uint32_t index, int error)
{
	struct rts_scope sc = { .fib = rc->rc_fib, .family = RTS_INET };
	struct vnetsim_rtmsg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = (uint8_t)action;
	msg.index = (uint16_t)index;
	msg.flags = RTF_UP | rc->rc_flags | (error == 0 ? RTF_DONE : 0);
	msg.seq = 1;
	msg.error = error;
	msg.addrs = VNETSIM_RTA_DST;
	msg.dst = rc->rc_dst;
	if (rc->rc_gw != 0 || rc->rc_ifp != NULL)
		msg.addrs |= VNETSIM_RTA_GATEWAY;
	if (rc->rc_gw != 0)
		msg.flags |= RTF_GATEWAY;
	msg.gateway = rc->rc_gw;
	if (rc->rc_ifp != NULL)
		msg.gwlink.index = rc->rc_ifp->if_index;
	if (rc->rc_plen == 32)
		msg.flags |= RTF_HOST;
	else if (rc->rc_plen < 32) {
		msg.addrs |= VNETSIM_RTA_NETMASK;
		msg.netmask = in_mask(rc->rc_plen);
	}
	if (rc->rc_mtu != 0) {
		msg.inits = VNETSIM_RTV_MTU;
		msg.mtu = rc->rc_mtu;
	}
	rts_tell(&msg, &sc);
}

int
rts_ctl(int action, const struct rib_cmd *rc)
{
	uint32_t index = 0;
	int error;

	if (!rts_listened())
		return (rib_action(action, rc));
	if (action == RTM_DELETE && rc->rc_plen <= 32)
		index = rts_index(rc);
	error = rts_act(action, rc);
	if (error == 0 && action != RTM_DELETE)
		index = rts_index(rc);
	if (error != VE_NOBUFS)
		rts_told(action, rc, index, error);
	return (error);
}
