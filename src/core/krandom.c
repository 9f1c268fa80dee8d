/*
 * krandom.c - random numbers that depend on nothing but what they are for.
 *
 * There is no generator with a state: each draw is a function of the world's
 * seed, a text, a number and an ordinal.  So a new consumer of random numbers
 * changes nobody else's, and a schedule replays with the same losses.
 *
 * The four inputs are absorbed one after the other: xor, add an odd constant
 * (so that zeroes count), then the 64-bit finalizer with two xor-shift
 * multiplications known as variant 13 of David Stafford's mixers.  Each step
 * is a bijection of the state for a fixed input; a change of one input bit
 * flips each output bit with probability close to 1/2.  This is not
 * cryptography.
 */
#include "src/core/world.h"

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (x ^ x >> 31);
}

static uint64_t
absorb(uint64_t state, uint64_t in)
{
	return (mix((state ^ in) + UINT64_C(0x9e3779b97f4a7c15)));
}

uint64_t
krandom(const char *key, uint64_t a, uint64_t counter)
{
	uint64_t h;
	const char *s;

	h = UINT64_C(0xcbf29ce484222325); /* FNV-1a of the text */
	for (s = key; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(0x00000100000001b3);
	h = absorb(absorb(0, curworld()->w_cfg.wc_seed), h);
	return (absorb(absorb(h, a), counter));
}
