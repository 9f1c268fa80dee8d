/*
 * tcp_ip.c - the way down over IPv4.
 *
 * The only calls of TCP into IP; a test puts another table into V_tcp.lower
 * and sees what would have been sent.  A second family gets a second table.
 */
#include "src/net/ip/ip_var.h"
#include "src/net/tcp/tcp_var.h"

static int
tcp_ip_output(
    struct mbuf *m, uint32_t src, uint32_t dst, uint8_t ttl, uint8_t tos)
{
	struct ip_outargs ia = {
		.ia_src = src,
		.ia_dst = dst,
		.ia_proto = IPPROTO_TCP,
		.ia_ttl = ttl,
		.ia_tos = tos,
		.ia_df = V_tcp.path_mtu_discovery != 0,
	};

	return (ip_output(m, &ia));
}

static bool
tcp_ip_bcast(uint32_t addr)
{
	return ((addr >> 28) == 0xe || in_broadcast(addr));
}

const struct tcp_lower tcp_lower_ip = {
	.tl_output = tcp_ip_output,
	.tl_mtu = ip_mtu,
	.tl_local = in_localip,
	.tl_bcast = tcp_ip_bcast,
	.tl_bandlim = badport_bandlim,
};
