/*
 * netstat_pcb.c - netstat -a and -L: sockets.
 *
 * In FreeBSD's order: TCP (the SYN cache first), UDP, raw sockets; of each
 * protocol the youngest first.  Columns are those of netstat(1) for inet.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"

enum { PROTO_ICMP = 1, PROTO_IGMP = 2, PROTO_TCP = 6, PROTO_UDP = 17 };

/** netcmd_proto() - the name netstat and sockstat give a socket's protocol */
const char *
netcmd_proto(const struct vnetsim_pcb *pcb)
{
	switch (pcb->protocol) {
	case PROTO_TCP:
		return ("tcp");
	case PROTO_UDP:
		return ("udp");
	case PROTO_ICMP:
		return ("icmp");
	case PROTO_IGMP:
		return ("igmp");
	default:
		return ("ip");
	}
}

/** netcmd_state() - the word of netstat for a TCP state, "" for none */
const char *
netcmd_state(const struct vnetsim_pcb *pcb)
{
	if (pcb->state == NULL)
		return ("");
	return (
	    strcmp(pcb->state, "SYN_RECEIVED") == 0 ? "SYN_RCVD" : pcb->state);
}

static int
rank(const struct vnetsim_pcb *p)
{
	switch (p->protocol) {
	case PROTO_TCP:
		return (p->cookie == 0 ? 0 : 1);
	case PROTO_UDP:
		return (2);
	default:
		return (3 + p->protocol);
	}
}

static int
pcb_order(const void *a, const void *b)
{
	const struct vnetsim_pcb *p = a, *q = b;

	if (rank(p) != rank(q))
		return (rank(p) < rank(q) ? -1 : 1);
	return (p->serial > q->serial ? -1 : p->serial < q->serial);
}

/**
 * netcmd_pcbs() - all sockets of the vnet in order
 * @nc:	where
 * @n:	out: how many
 *
 * Return:	them, to be freed; NULL: no memory.
 */
struct vnetsim_pcb *
netcmd_pcbs(const struct netcmd *nc, size_t *n)
{
	struct vnetsim_pcb *v, *more, one;
	size_t cap = 64, len = 0;
	uint64_t iter = 0;

	v = malloc(cap * sizeof(*v));
	while (v != NULL &&
	       vnetsim_view_pcb_next(nc->nc_v, nc->nc_vnet, &iter, &one) == 0) {
		if (len == cap) {
			cap *= 2;
			more = realloc(v, cap * sizeof(*v));
			if (more == NULL)
				free(v);
			v = more;
		}
		if (v != NULL)
			v[len++] = one;
	}
	if (v == NULL)
		return (NULL);
	qsort(v, len, sizeof(*v), pcb_order);
	*n = len;
	return (v);
}

/* An address and port, 22 wide and a blank, as inetprint() has it. */
static void
add_addr(struct rbuf *out, const struct vnetsim_addr *a)
{
	struct rbuf rb = { 0 };

	if (a->addr == 0)
		rbuf_add(&rb, "*");
	else
		rbuf_ip(&rb, a->addr);
	if (a->port == 0)
		rbuf_add(&rb, ".*");
	else
		rbuf_add(&rb, ".%u", a->port);
	rbuf_add(out, "%-22.22s ", rbuf_str(&rb));
	rbuf_free(&rb);
}

static void
pcb_line(struct rbuf *out, const struct vnetsim_pcb *p, bool queues)
{
	char buf[40];

	rbuf_add(out, "%-3.3s%-2.2s ", netcmd_proto(p), "4");
	if (queues) {
		(void)snprintf(buf, sizeof(buf),
		    "%" PRIu32 "/%" PRIu32 "/%" PRIu32, p->qlen, p->incqlen,
		    p->qlimit);
		rbuf_add(out, "%-32.32s ", buf);
		add_addr(out, &p->laddr);
	} else {
		rbuf_add(out, "%6" PRIu32 " %6" PRIu32 " ", p->rcvq, p->sndq);
		add_addr(out, &p->laddr);
		add_addr(out, &p->faddr);
		rbuf_add(out, "%s", netcmd_state(p));
	}
	rbuf_add(out, "\n");
}

static bool
wanted(const struct scn_netstat *ns, const struct vnetsim_pcb *p)
{
	if (ns->proto != NULL && strcmp(ns->proto, netcmd_proto(p)) != 0)
		return (false);
	if ((ns->flags & SCN_NETSTAT_LISTQ) != 0)
		return (p->listening);
	return ((ns->flags & SCN_NETSTAT_ALL) != 0 ||
		(!p->listening && p->laddr.addr != 0));
}

/** netstat_pcbs() - netstat [-a | -L]; Return: 0 or VE_NOMEM */
int
netstat_pcbs(struct netcmd *nc, const struct scn_netstat *ns)
{
	bool queues = (ns->flags & SCN_NETSTAT_LISTQ) != 0, first = true;
	struct vnetsim_pcb *v;
	size_t n;

	v = netcmd_pcbs(nc, &n);
	if (v == NULL)
		return (VE_NOMEM);
	for (size_t i = 0; i < n; i++) {
		if (!wanted(ns, &v[i]))
			continue;
		if (first && queues)
			rbuf_add(nc->nc_out,
			    "Current listen queue sizes "
			    "(qlen/incqlen/maxqlen)\n%-5.5s %-32.32s "
			    "%-22.22s\n",
			    "Proto", "Listen", "Local Address");
		else if (first)
			rbuf_add(nc->nc_out,
			    "Active Internet connections%s\n"
			    "%-5.5s %-6.6s %-6.6s %-22.22s %-22.22s (state)\n",
			    (ns->flags & SCN_NETSTAT_ALL) != 0
				? " (including servers)"
				: "",
			    "Proto", "Recv-Q", "Send-Q", "Local Address",
			    "Foreign Address");
		first = false;
		pcb_line(nc->nc_out, &v[i], queues);
	}
	free(v);
	return (0);
}
