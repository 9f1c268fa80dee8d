/*
 * pcapng_blocks.h - take pcapng apart: blocks and their options.
 */
#ifndef SIM_PCAPNG_BLOCKS_H
#define SIM_PCAPNG_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct pcapng_block - one block of a file in memory
 * @pb_type:	its type
 * @pb_at:	offset in the file of its first byte
 * @pb_body:	(b) what stands between the two lengths
 * @pb_len:	bytes of that, a multiple of 4
 */
struct pcapng_block {
	uint32_t pb_type;
	size_t pb_at;
	const uint8_t *pb_body;
	size_t pb_len;
};

/**
 * struct pcapng_option - one option of a block
 * @po_code:	what it is
 * @po_val:	(b) its value; @po_len: bytes of it
 */
struct pcapng_option {
	uint16_t po_code;
	uint16_t po_len;
	const uint8_t *po_val;
};

uint32_t pcapng_get32(const uint8_t *p);
uint16_t pcapng_get16(const uint8_t *p);
int pcapng_block_next(const uint8_t *file, size_t len, size_t *at,
    struct pcapng_block *b, const char **why);
int pcapng_option_next(
    const struct pcapng_block *b, size_t *at, struct pcapng_option *opt);

#endif /* !SIM_PCAPNG_BLOCKS_H */
