/*
 * frametext_flow.h - who talks to whom in a frame.
 */
#ifndef SIM_FRAMETEXT_FLOW_H
#define SIM_FRAMETEXT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMETEXT_CONN_MAX 128 /* room for frametext_conn() */
#define FRAMETEXT_ADDR_MAX 48  /* room for an address as text */

/**
 * struct flow_key - one direction of a connection on one link
 *
 * Compared with memcmp: always cleared first, and without padding.
 */
struct flow_key {
	uint8_t fk_src[16];
	uint8_t fk_dst[16];
	uint32_t fk_link;
	uint16_t fk_sport;
	uint16_t fk_dport;
	uint32_t fk_family; /* 4 or 6 */
};

struct flow_key flow_reverse(const struct flow_key *key);
bool flow_of_frame(struct flow_key *key, const uint8_t *p, size_t len);
bool frametext_conn(char *buf, size_t n, const uint8_t *p, size_t len);
void frametext_addr(char *buf, const uint8_t *addr, uint32_t family);

#endif /* !SIM_FRAMETEXT_FLOW_H */
