/*
 * tfuzz_stack.h - three jails, in each situation that a frame may meet.
 *
 *	cli .0.2 == epair0 == .0.1 hub .1.1 == epair1 == .1.2 far
 *
 * hub forwards, filters with states, listens on TCP and UDP ports; every TCP
 * state is reached by at least one situation.  They are made once in a
 * process and saved; each input starts from a restored one.
 */
#ifndef TESTS_LIB_TFUZZ_STACK_H
#define TESTS_LIB_TFUZZ_STACK_H

#include "tests/lib/tfuzz.h"

#define TFS_FRAMES 8
#define TFS_BYTES  1600

struct tfs_frame {
	uint32_t len;
	uint8_t end; /* of the link, the sender's */
	uint8_t bytes[TFS_BYTES];
};

struct tfs {
	struct vnetsim *w;
	vnetsim_handle host, hub, cli, far;
	vnetsim_handle phub, pcli, pfar;
	vnetsim_handle link; /* epair0; end 0 is hub's */
	vnetsim_handle op;   /* of a pending connect, or 0 */
	int lfd, hfd, cfd;   /* listener; the connection's two ends */
	int ufd;             /* hub's UDP socket */
	uint32_t nframes;    /* the last ones of epair0 are kept */
	struct tfs_frame frame[TFS_FRAMES];
};

/* Make them all.  Aborts if one does not come about. */
void tfs_init(void);
/* How many there are. */
unsigned tfs_count(void);
/* Its name, for a reader of a failure. */
const char *tfs_name(unsigned n);
/* Go there.  Return: the only one that there is. */
struct tfs *tfs_goto(unsigned n);
/* The last frame of epair0 that @end sent with TCP in it; NULL: none. */
const struct tfs_frame *tfs_tcp(const struct tfs *s, unsigned end);

#endif /* !TESTS_LIB_TFUZZ_STACK_H */
