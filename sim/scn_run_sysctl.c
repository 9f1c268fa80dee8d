/*
 * scn_run_sysctl.c - sysctl(8): reading.
 *
 * A name stands for itself, or for all that begin with it and a dot, as a node
 * of FreeBSD's tree does.  Values are decimal; a sysctl whose module is not
 * there is left out of a list.
 *
 * net.inet.tcp.hostcache.list is a text, and only there if it is named: the
 * host cache in FreeBSD's columns.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <vnetsim/tcp_info.h>

#include "sim/scn_run_var.h"

#define HOSTCACHE_LIST "net.inet.tcp.hostcache.list"

/* One line.  Return: 0 or an errno. */
static int
show(struct scn_env *e, const struct scn_sysctl *sy, vnetsim_handle jail,
    const char *name, const char *descr)
{
	int64_t v = 0;
	int error;

	error = vnetsim_sysctl_get(e->e_w, jail, name, &v);
	if (error != 0)
		return (error);
	if (sy->names) {
		rbuf_add(&e->e_out, "%s\n", name);
		return (0);
	}
	if (!sy->bare)
		rbuf_add(&e->e_out, "%s: ", name);
	if (sy->descr)
		rbuf_add(&e->e_out, "%s\n", descr != NULL ? descr : "");
	else
		rbuf_add(&e->e_out, "%" PRId64 "\n", v);
	return (0);
}

/* The host cache.  Return: 0, VE_NOENT: no such jail. */
static int
show_hostcache(
    struct scn_env *e, const struct scn_sysctl *sy, vnetsim_handle jail)
{
	struct vnetsim_jail_info ji;
	struct vnetsim_hostcache h;
	char addr[16];

	if (vnetsim_jail_info(e->e_w, jail, &ji) != 0)
		return (VE_NOENT);
	if (!sy->bare)
		rbuf_add(&e->e_out, "%s: ", HOSTCACHE_LIST);
	rbuf_add(&e->e_out,
	    "\nIP address        MTU  SSTRESH      RTT   RTTVAR  "
	    "   CWND SENDPIPE RECVPIPE HITS  UPD  EXP\n");
	for (uint32_t n = 0;
	     vnetsim_hostcache_next(e->e_w, ji.vnet, n, &h) == 0; n++) {
		snprintf(addr, sizeof(addr), "%u.%u.%u.%u", h.addr >> 24,
		    h.addr >> 16 & 255, h.addr >> 8 & 255, h.addr & 255);
		rbuf_add(&e->e_out,
		    "%-15s %5" PRIu32 " %8" PRIu32 " %6" PRId64 "ms %6" PRId64
		    "ms %8" PRIu32 " %8d %8d %4" PRIu32 " %4" PRIu32
		    " %4" PRId32 "\n",
		    addr, h.mtu, h.ssthresh, h.rtt / 1000000,
		    h.rttvar / 1000000, h.cwnd, 0, 0, h.hits, h.updates,
		    h.expire);
	}
	return (0);
}

/**
 * run_sysctl_show() - sysctl NAME, sysctl -a
 * @e:		environment
 * @s:		statement
 * @jail:	whose
 *
 * Return:	0; VE_NOENT: no such name.
 */
int
run_sysctl_show(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_sysctl *sy = &s->u.sysctl;
	size_t len = sy->name != NULL ? strlen(sy->name) : 0;
	const char *name, *descr;
	bool any = false;

	if (len != 0 && strcmp(sy->name, HOSTCACHE_LIST) == 0)
		return (show_hostcache(e, sy, jail));
	for (uint32_t n = 0; vnetsim_sysctl_next(e->e_w, n, &name, &descr) == 0;
	     n++) {
		if (len != 0 && (strncmp(name, sy->name, len) != 0 ||
				    (name[len] != '\0' && name[len] != '.')))
			continue;
		/* the node itself, if it has a value, hides what is below */
		if (show(e, sy, jail, name, descr) == 0)
			any = true;
		if (any && len != 0 && name[len] == '\0')
			break;
	}
	return (any ? 0 : VE_NOENT);
}
