/*
 * in_pcb_opt.c - options of a socket at level IPPROTO_IP.
 *
 * They lie in the pcb, so TCP and UDP have the same.  A TTL of 0 in the pcb
 * stands for the vnet's net.inet.ip.ttl, at the time of sending.  A child of a
 * listener takes over both; SYN,ACK, RST and the ACKs of TIME_WAIT carry them.
 *
 * FreeBSD: ip_ctloutput().
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/inet/in_pcb_var.h"

static const struct field ipoption_fields[] = {
	FIELD(struct ipoption, ipopt_dst, IP4),
	FIELD(struct ipoption, ipopt_len, UINT),
	FIELD(struct ipoption, ipopt_list, BYTES),
};
UMA_ZONE(
    ipoption_zone, inpcb, INPCB_Z_IPOPT, struct ipoption, 0, ipoption_fields);

int
in_pcbipoptions(struct inpcb *inp, const struct ipoption *opt)
{
	struct ipoption *new = NULL;

	if (opt != NULL) {
		new = uma_zalloc(&ipoption_zone, M_NOWAIT);
		if (new == NULL)
			return (VE_NOBUFS);
		*new = *opt;
	}
	uma_zfree(&ipoption_zone, inp->inp_options);
	inp->inp_options = new;
	return (0);
}

static int
in_pcbflag(struct inpcb *inp, bool set, uint32_t flag, int64_t *value)
{
	if (!set)
		*value = (inp->inp_flags & flag) != 0;
	else if (*value != 0)
		inp->inp_flags |= flag;
	else
		inp->inp_flags &= ~flag;
	return (0);
}

int
in_pcbopt(struct inpcb *inp, bool set, int name, int64_t *value)
{
	switch (name) {
	case IP_TTL:
		if (!set) {
			*value = inp->inp_ttl;
			return (*value != 0
				    ? 0
				    : sysctl_get("net.inet.ip.ttl", value));
		}
		if (*value < 1 || *value > 255)
			return (VE_INVAL);
		inp->inp_ttl = (uint8_t)*value;
		return (0);
	case IP_TOS:
		if (!set) {
			*value = inp->inp_tos;
			return (0);
		}
		if (*value < 0 || *value > 255)
			return (VE_INVAL);
		inp->inp_tos = (uint8_t)*value;
		return (0);
	case IP_ONESBCAST:
		return (in_pcbflag(inp, set, INP_ONESBCAST, value));
	case IP_DONTFRAG:
		return (in_pcbflag(inp, set, INP_DONTFRAG, value));
	case IP_HDRINCL:
		if (inp->inp_pcbinfo->ipi_mod == VNET_MOD_rip)
			return (in_pcbflag(inp, set, INP_HDRINCL, value));
		return (VE_NOPROTOOPT);
	default:
		return (VE_NOPROTOOPT);
	}
}
