/*
 * igmp.h - IGMP on the wire: RFC 1112 (v1), RFC 2236 (v2), RFC 9776 (v3).
 */
#ifndef SRC_NET_IP_IGMP_H
#define SRC_NET_IP_IGMP_H

#include <stdint.h>

enum {
	IGMP_O_TYPE = 0,
	IGMP_O_CODE = 1, /* largest response delay, 0.1 s */
	IGMP_O_SUM = 2,
	IGMP_O_GROUP = 4, /* v3 report: reserved, number of records */
	IGMP_O_MISC = 8,  /* v3 query: S and QRV */
	IGMP_O_QQIC = 9,
	IGMP_O_NSRC = 10,
	IGMP_O_SRC = 12,
};
#define IGMP_MINLEN      8
#define IGMP_V3_QUERYLEN 12
#define IGMP_RECLEN      8 /* of a record of a v3 report, without sources */

enum {
	IGMP_HOST_MEMBERSHIP_QUERY = 0x11,
	IGMP_V1_HOST_MEMBERSHIP_REPORT = 0x12,
	IGMP_V2_HOST_MEMBERSHIP_REPORT = 0x16,
	IGMP_HOST_LEAVE_MESSAGE = 0x17,
	IGMP_V3_HOST_MEMBERSHIP_REPORT = 0x22,
};

/* Records, RFC 9776 section 4.2.12. */
enum {
	IGMP_MODE_IS_INCLUDE = 1,
	IGMP_MODE_IS_EXCLUDE = 2,
	IGMP_CHANGE_TO_INCLUDE = 3,
	IGMP_CHANGE_TO_EXCLUDE = 4,
	IGMP_ALLOW_NEW_SOURCES = 5,
	IGMP_BLOCK_OLD_SOURCES = 6,
};

#define INADDR_ALLHOSTS   0xe0000001u /* 224.0.0.1 */
#define INADDR_ALLRTRS    0xe0000002u /* 224.0.0.2 */
#define INADDR_ALLRPTS    0xe0000016u /* 224.0.0.22 */
#define IN_LOCAL_GROUP(a) (((a)&0xffffff00u) == 0xe0000000u)

#endif /* !SRC_NET_IP_IGMP_H */
