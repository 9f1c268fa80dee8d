/*
 * bpf.h - what an interface sends and receives, for tcpdump(1).
 *
 * A tap of an interface, stacked ones and loopback included, as bpf(4) has it:
 * a frame is seen when the interface takes it, out before it is sent, in when
 * it has arrived and before anybody else looks.  Who listens changes nothing
 * else.  For the wires between interfaces: wire.h.
 */
#ifndef VNETSIM_BPF_H
#define VNETSIM_BPF_H

#include <vnetsim/vnetsim.h>

/**
 * struct vnetsim_bpf_event - a frame at a tapped interface, or the tap's end
 * @be_time:	virtual ns
 * @be_if:	which interface, as of vnetsim_bpf_attach()
 * @be_out:	it is sent; false: received
 * @be_gone:	the interface has left its vnet or was destroyed: its taps are
 *		gone and there is no frame
 * @be_bytes:	from the Ethernet header on, sums filled in; an interface
 *		without one has a header of zeroes and the type.  Borrowed for
 *		the call
 * @be_len:	bytes
 */
struct vnetsim_bpf_event {
	int64_t be_time;
	uint64_t be_if;
	bool be_out, be_gone;
	const uint8_t *be_bytes;
	uint32_t be_len;
};

/**
 * vnetsim_set_bpf() - listen to taps
 * @w:		world
 * @fn:		called for each frame at a tapped interface; must not call into
 *		the world.  NULL: no longer
 * @ctx:	passed to it; host memory, not part of a save
 *
 * Return:	0; VE_NOMEM: the world is full.
 */
int vnetsim_set_bpf(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_bpf_event *ev), void *ctx);

/**
 * vnetsim_bpf_attach() - one more tap of an interface
 * @w:		world
 * @jail:	where it is
 * @name:	interface
 * @id:		out: which one, until it leaves its vnet
 *
 * Return:	0; VE_NXIO: no such interface; VE_SRCH: no such jail; VE_BUSY:
 *		it is dying; VE_NOSPC: 65,535 taps.
 */
int vnetsim_bpf_attach(
    struct vnetsim *w, vnetsim_handle jail, const char *name, uint64_t *id);

/**
 * vnetsim_bpf_detach() - one tap less
 * @w:	world
 * @id:	of vnetsim_bpf_attach(); nothing happens if that interface is gone
 */
void vnetsim_bpf_detach(struct vnetsim *w, uint64_t id);

#endif /* !VNETSIM_BPF_H */
