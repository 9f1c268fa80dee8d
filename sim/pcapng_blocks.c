/*
 * pcapng_blocks.c - take pcapng apart: blocks and their options.
 *
 *	block	= type(4) length(4) body length(4)
 *	options	= *( code(2) length(2) value pad ), ended by code 0 or the
 *		  end of the block
 *
 * Only little-endian, because that is what our writer writes; a file of
 * another byte order is read through libpcap.  Nothing in the file is
 * believed: each length is checked against what is there before it is used.
 *
 * draft-ietf-opsawg-pcapng sections 3.1 and 3.5.
 */
#include "sim/pcapng_blocks.h"

#include "sim/pcapng_format.h"

/** pcapng_get32() - a number, least significant byte first */
uint32_t
pcapng_get32(const uint8_t *p)
{
	return ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		(uint32_t)p[3] << 24);
}

/** pcapng_get16() - a number, least significant byte first */
uint16_t
pcapng_get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] | p[1] << 8));
}

/**
 * pcapng_block_next() - the next block
 * @file:	the whole file
 * @len:	bytes in it
 * @at:		in: where the block begins; out: where the next one does
 * @b:		out: the block, pointing into @file
 * @why:	out: what is wrong, if -1 is returned
 *
 * Return: 1 a block; 0 the file ends here; -1 malformed or cut short.
 */
int
pcapng_block_next(const uint8_t *file, size_t len, size_t *at,
    struct pcapng_block *b, const char **why)
{
	size_t room = len - *at;
	uint32_t size;

	if (room == 0)
		return (0);
	if (room < 12) {
		*why = "block is cut short";
		return (-1);
	}
	b->pb_type = pcapng_get32(file + *at);
	b->pb_at = *at;
	size = pcapng_get32(file + *at + 4);
	if (size < 12 || size % 4 != 0) {
		*why = "block has an impossible length";
		return (-1);
	}
	if (size > room) {
		*why = "block is cut short";
		return (-1);
	}
	if (pcapng_get32(file + *at + size - 4) != size) {
		*why = "the two lengths of the block differ";
		return (-1);
	}
	b->pb_body = file + *at + 8;
	b->pb_len = size - 12;
	*at += size;
	return (1);
}

/**
 * pcapng_option_next() - the next option of a block
 * @b:		the block
 * @at:		in: where it begins in the body; out: where the next one does
 * @opt:	out: the option, pointing into the file
 *
 * Return: 1 an option; 0 there are no more; -1 malformed.
 */
int
pcapng_option_next(
    const struct pcapng_block *b, size_t *at, struct pcapng_option *opt)
{
	const uint8_t *p = b->pb_body + *at;
	size_t room, padded;

	if (*at >= b->pb_len)
		return (*at == b->pb_len ? 0 : -1);
	room = b->pb_len - *at;
	if (room < 4)
		return (-1);
	opt->po_code = pcapng_get16(p);
	opt->po_len = pcapng_get16(p + 2);
	opt->po_val = p + 4;
	if (opt->po_code == PCAPNG_OPT_END)
		return (opt->po_len == 0 ? 0 : -1);
	padded = ((size_t)opt->po_len + 3) / 4 * 4;
	if (padded > room - 4)
		return (-1);
	*at += 4 + padded;
	return (1);
}
