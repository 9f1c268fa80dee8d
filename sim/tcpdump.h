/*
 * tcpdump.h - tcpdump(1) in a run: frames as lines, counted and on file.
 */
#ifndef SIM_TCPDUMP_H
#define SIM_TCPDUMP_H

#include <vnetsim/bpf.h>
#include <vnetsim/wire.h>

#include "sim/report_buf.h"

#define TCPDUMP_WHY  256       /* bytes of a reason */
#define TCPDUMP_MAX  64        /* in one scenario */
#define TCPDUMP_TEXT (1 << 20) /* bytes of lines that a claim can look at */

#define TCPDUMP_NUMERIC 0x1u /* -n */
#define TCPDUMP_ETHER   0x2u /* -e */

/**
 * struct scn_tcpdump - the statement
 * @ifname:	-i: an interface, or a link
 * @link:	it is a link
 * @flags:	TCPDUMP_
 * @count:	-c: ends after so many frames; 0: not said
 * @file:	-w: plain name of a capture instead of lines, or NULL
 * @filter:	as compiled, "" matches all
 */
struct scn_tcpdump {
	const char *ifname;
	bool link;
	uint32_t flags;
	uint64_t count;
	const char *file;
	const char *filter;
};

struct tcpdump;
struct tcpdumps;

struct tcpdumps *tcpdumps_new(void);
void tcpdumps_free(struct tcpdumps *ts);
void tcpdumps_reset(struct tcpdumps *ts);
void tcpdumps_print(struct tcpdumps *ts, struct rbuf *print);
int tcpdump_start(struct tcpdumps *ts, const struct scn_tcpdump *st,
    const char *jail, const char *path, struct tcpdump **tdp,
    char why[TCPDUMP_WHY]);
void tcpdump_tapped(struct tcpdump *td, uint64_t id);
bool tcpdumps_over(struct tcpdumps *ts, uint64_t *id);
void tcpdumps_bpf(void *arg, const struct vnetsim_bpf_event *be);
void tcpdumps_wire(struct tcpdumps *ts, const struct vnetsim_wire_event *ev);
void tcpdumps_end(struct tcpdumps *ts);
const struct tcpdump *tcpdumps_find(
    const struct tcpdumps *ts, const char *jail, const char *ifname);
uint64_t tcpdump_captured(const struct tcpdump *td);
const char *tcpdump_lines(const struct tcpdump *td);

#endif /* !SIM_TCPDUMP_H */
