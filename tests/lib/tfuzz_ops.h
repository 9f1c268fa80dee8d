/*
 * tfuzz_ops.h - what fuzz_ops.c knows, and its operations on networks.
 */
#ifndef TESTS_LIB_TFUZZ_OPS_H
#define TESTS_LIB_TFUZZ_OPS_H

#include "tests/lib/tfuzz.h"

enum { JAILS = 6, SOCKS = 16 };

struct fo {
	struct vnetsim *w;
	struct tf_in in;
	vnetsim_handle jail[JAILS], proc[JAILS]; /* 0: the host's */
	struct {
		unsigned proc;
		int fd;
	} sock[SOCKS];
	unsigned socks;
	char name[2][VNETSIM_IFNAMSIZ];
	bool short_of_memory, no_path;
};

#define N(o, n) tf_n(&(o)->in, (n))

/* Not waited for. */
void fo_forget(struct fo *o, vnetsim_handle op);
/* One of the jails; perhaps a stale handle, or 0. */
vnetsim_handle fo_jail(struct fo *o);
/* An address of few. */
uint32_t fo_addr(struct fo *o);

/* Operations: they draw their arguments, and ignore errors. */
void fo_if_create(struct fo *o);
void fo_if_destroy(struct fo *o);
void fo_if_vnet(struct fo *o);
void fo_if_set(struct fo *o);
void fo_if_ioctl(struct fo *o);
void fo_route(struct fo *o);
void fo_arp(struct fo *o);
void fo_sysctl(struct fo *o);
void fo_ping(struct fo *o);
void fo_link(struct fo *o);
void fo_pf(struct fo *o);

#endif /* !TESTS_LIB_TFUZZ_OPS_H */
