/*
 * scn_ast_if.h - the nodes of ifconfig.
 *
 * As scn_ast.h, which includes it: names are strings that the script owns,
 * addresses are in host order.
 */
#ifndef SIM_SCN_AST_IF_H
#define SIM_SCN_AST_IF_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/net.h>

struct scn_ifconf;

/* ifconfig CLONER[UNIT] create ..., ifconfig PARENT.VLAN create ... */
struct scn_ifcreate {
	const char *cloner; /* "epair", "lo", or PARENT.VLAN */
	int32_t unit;       /* -1: the first free one, or PARENT.VLAN */
	uint32_t nmac;      /* 0..2, in the order of the ends */
	uint8_t mac[2][6];
	const struct scn_ifconf *conf; /* what follows, or NULL */
};

enum scn_inet {
	SCN_INET_NONE,
	SCN_INET_SET, /* replaces the first address */
	SCN_INET_ALIAS,
	SCN_INET_DELETE, /* -alias; prefixlen is -1 if not said */
};

#define SCN_IFREQ_MAX 16 /* other parameters of one ifconfig */

/* ifconfig IF ...: applied in the order of req[], mtu, inet, up or down */
struct scn_ifconf {
	const char *ifname; /* NULL: the one that was created */
	uint32_t nreq;
	const struct vnetsim_ifreq *req;
	uint32_t addr;     /* host order */
	int32_t prefixlen; /* 0..32 */
	uint32_t mtu;      /* 0: not said */
	enum scn_inet inet;
	bool up;
	bool down;
};

struct scn_ifvnet {
	const char *ifname;
	const char *jail; /* relative to stmt.jail */
};

#endif /* !SIM_SCN_AST_IF_H */
