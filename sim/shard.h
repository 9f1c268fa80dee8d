/*
 * shard.h - which of several machines does a scenario.
 */
#ifndef SIM_SHARD_H
#define SIM_SHARD_H

#include <stdbool.h>

#define SHARD_MAX 10000 /* shards of one campaign */

/**
 * struct shard - one of several
 * @sh_i:	1 .. @sh_n
 * @sh_n:	how many there are; 0: everything is done here
 */
struct shard {
	unsigned sh_i, sh_n;
};

bool shard_parse(const char *s, struct shard *sh);
unsigned shard_of(const char *name, unsigned n);

#endif /* !SIM_SHARD_H */
