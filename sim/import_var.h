/*
 * import_var.h - a connection while it is told; for import_*.c only.
 */
#ifndef SIM_IMPORT_VAR_H
#define SIM_IMPORT_VAR_H

#include "sim/import.h"

/* All numbers of segments are relative to the initial one of their side. */
struct teller {
	struct rbuf *out;
	const struct import_flow *fl;
	int near;
	int64_t now;    /* time that was told */
	uint32_t mss;   /* what the near side takes */
	uint32_t scale; /* of its windows */
	uint32_t sent;  /* next new number of the near side, relative */
	uint32_t una;   /* what the far side has acknowledged */
	uint32_t acked; /* next number that the near side awaits */
	uint32_t finat; /* number of the far side's FIN, 0: none came */
	uint32_t unread, read;
	uint32_t edge0; /* first right edge of the near side */
	uint32_t finseq;
	bool lazy, open, closed, killed, reset, farrst;
	bool fin, finacked, finfirst;
	int64_t fintime;
};

/* import_tell.c: what is said */
void told_time(struct teller *t, int64_t time);
void tell_send(struct teller *t, const struct import_seg *sg, uint32_t off,
    uint32_t len, bool last);
void tell_recv(struct teller *t);

/* import_world.c: what must be known, and said, before */
void look_ahead(struct teller *t, const struct import_seg *sg, size_t n);
void tell_world(struct teller *t);

#endif /* !SIM_IMPORT_VAR_H */
