/*
 * scn_mcast.h - what statements about multicast say.  Part of scn_ast.h.
 */
#ifndef SIM_SCN_MCAST_H
#define SIM_SCN_MCAST_H

#include <stdbool.h>
#include <stdint.h>

#define SCN_MSFILTER_MAX 200 /* sources in one statement */

/* setsockopt ... IP_ADD_MEMBERSHIP and the like */
struct scn_mreq {
	uint32_t group, source;
	uint32_t ifaddr;    /* 0: not said */
	const char *ifname; /* NULL: not said */
	bool include;       /* IP_MSFILTER */
	uint32_t nsrc;
	const uint32_t *src;
};

/* link ... send igmp: a querier, or another member, on paper */
struct scn_igmp {
	uint32_t from;
	uint8_t type;    /* on the wire */
	uint8_t version; /* of a query */
	uint32_t group;  /* 0: general */
	int64_t max_ns;  /* largest delay of an answer */
	uint32_t nsrc;
	const uint32_t *src;
};

#endif /* !SIM_SCN_MCAST_H */
