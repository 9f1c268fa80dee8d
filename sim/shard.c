/*
 * shard.c - which of several machines does a scenario.
 *
 * The machines do not talk to each other: the shard of a scenario follows from
 * its name alone, so a file that comes or goes moves no other one, and shards
 * 1/n .. n/n of the same command line do each scenario exactly once.  The name
 * is the path below the directory that was given, so it does not depend on
 * where a machine has its checkout; docs/REPORTS.md says more.
 *
 * The hash is FNV-1a of the bytes (64 bits), stirred once more because the
 * remainder of a plain FNV-1a hash depends on few of its bits.
 */
#include "sim/shard.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Digits only, at most SHARD_MAX; 0: none. */
static unsigned
shard_number(const char *s, size_t n)
{
	unsigned v = 0;

	if (n == 0 || n > 5)
		return (0);
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return (0);
		v = v * 10 + (unsigned)(s[i] - '0');
	}
	return (v);
}

/**
 * shard_parse() - take "i/n" apart
 * @s:		text
 * @sh:		out, if true is returned
 *
 * Return:	whether 1 <= i <= n <= SHARD_MAX.
 */
bool
shard_parse(const char *s, struct shard *sh)
{
	size_t len = strcspn(s, "/");
	unsigned i, n;

	if (s[len] != '/')
		return (false);
	i = shard_number(s, len);
	n = shard_number(s + len + 1, strlen(s + len + 1));
	if (i == 0 || i > n || n > SHARD_MAX)
		return (false);
	sh->sh_i = i;
	sh->sh_n = n;
	return (true);
}

/**
 * shard_of() - the shard that does a scenario
 * @name:	its name
 * @n:		number of shards, at least 1
 *
 * Return:	1 .. @n, the same on every machine.
 */
unsigned
shard_of(const char *name, unsigned n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const char *p;

	for (p = name; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	h ^= h >> 31;
	return ((unsigned)(h % n) + 1);
}
