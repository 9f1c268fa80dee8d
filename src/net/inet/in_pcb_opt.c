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
#include "src/net/inet/in_pcb.h"

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
	default:
		return (VE_NOPROTOOPT);
	}
}
