/*
 * netcmd.h - netstat, sockstat and vmstat, of a live world or of a dump.
 *
 * Output is appended to a buffer.  Nothing is changed.
 */
#ifndef SIM_NETCMD_H
#define SIM_NETCMD_H

#include <vnetsim/net.h>
#include <vnetsim/netview.h>

#include "sim/netopt.h"
#include "sim/report_buf.h"

/**
 * struct netcmd - where a command looks
 * @nc_w:	(b) live world; NULL: a dump
 * @nc_v:	(b) view of it
 * @nc_jail:	live: the jail in whose vnet it runs
 * @nc_below:	name of that jail, to which names of others are relative; NULL
 *		or "0": the host
 * @nc_vnet:	its vnet
 * @nc_out:	(b) where output goes
 */
struct netcmd {
	struct vnetsim *nc_w;
	const struct vnetsim_view *nc_v;
	vnetsim_handle nc_jail;
	const char *nc_below;
	uint32_t nc_vnet;
	struct rbuf *nc_out;
};

int netstat(struct netcmd *nc, const struct scn_netstat *ns);
int sockstat(struct netcmd *nc, const struct scn_sockstat *ss);
int vmstat(struct netcmd *nc, uint32_t flags);
int jls(struct netcmd *nc, const struct scn_jls *j);

/* netstat_pcb.c */
struct vnetsim_pcb *netcmd_pcbs(const struct netcmd *nc, size_t *n);
const char *netcmd_proto(const struct vnetsim_pcb *pcb);
const char *netcmd_state(const struct vnetsim_pcb *pcb);

/* the other files of netstat */
int netstat_pcbs(struct netcmd *nc, const struct scn_netstat *ns);
int netstat_ifs(struct netcmd *nc, const struct scn_netstat *ns);
int netstat_routes(struct netcmd *nc, const struct scn_netstat *ns);
int netstat_stats(struct netcmd *nc, const struct scn_netstat *ns);
int netstat_mbufs(struct netcmd *nc);
bool netcmd_jail(struct netcmd *nc, const char *name);

#endif /* !SIM_NETCMD_H */
