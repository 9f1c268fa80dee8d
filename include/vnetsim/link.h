/*
 * link.h - wires: delay, rate, queue, what goes wrong on them, cut and join.
 *
 * A wire belongs to the world and is found by the interfaces at its ends,
 * wherever they are.  Each direction has parameters of its own.
 */
#ifndef VNETSIM_LINK_H
#define VNETSIM_LINK_H

#include <vnetsim/vnetsim.h>

/**
 * struct vnetsim_link_params - one direction of a wire
 * @delay:	ns, 0..1000 s
 * @rate:	bits per second, 0: infinite
 * @queue:	frames, 0: 50
 * @loss:	per million: frames that are lost
 * @dup:	per million: frames that arrive twice
 * @corrupt:	per million: frames of which one bit is flipped, ARP excepted
 * @reorder:	per million: frames that later ones overtake
 * @mark:	per million: IPv4 packets of ECN-capable senders that are marked
 *		"congestion experienced" when they get on the wire (RFC 3168)
 * @holdn:	reordered ones arrive behind so many later ones, 1..1000, or
 *		0.1 s after their time if there are too few; 0: 1
 * @hold:	ns, 0..1000 s; not 0: they arrive so much later instead, and
 *		@holdn is 0
 *
 * A frame suffers one of these at most, the first of lost, corrupted, doubled,
 * reordered; marked or not.
 */
struct vnetsim_link_params {
	int64_t delay;
	uint64_t rate;
	uint32_t queue, loss, dup;
	uint32_t corrupt, reorder, mark, holdn;
	int64_t hold;
};

/**
 * vnetsim_link_find() - the wire of an interface
 * @w:		world
 * @name:	"epair0" (whole link) or "epair0a" (one end), wherever it is
 * @end:	out: 0, 1, or -1 for the whole link
 *
 * Return:	handle, 0: none.
 */
vnetsim_handle vnetsim_link_find(struct vnetsim *w, const char *name, int *end);

/**
 * vnetsim_link_set() - link NAME delay ... rate ...
 * @w:		world
 * @link:	handle
 * @end:	sender's end, -1: both
 * @p:		parameters
 *
 * Return:	0; VE_INVAL: out of range; VE_SRCH.
 */
int vnetsim_link_set(struct vnetsim *w, vnetsim_handle link, int end,
    const struct vnetsim_link_params *p);

/**
 * vnetsim_link_get() - current parameters
 * @w:		world
 * @link:	handle
 * @end:	0 or 1
 * @p:		out
 *
 * Return:	0; VE_SRCH.
 */
int vnetsim_link_get(struct vnetsim *w, vnetsim_handle link, int end,
    struct vnetsim_link_params *p);

enum vnetsim_frame_class {
	VNETSIM_F_ANY,
	VNETSIM_F_ARP,
	VNETSIM_F_TCP,
	VNETSIM_F_SYN,
	VNETSIM_F_FIN,
	VNETSIM_F_RST,
	VNETSIM_F_ACK,
	VNETSIM_F_DATA,
	VNETSIM_F_UDP,
	VNETSIM_F_ICMP,
};

/**
 * vnetsim_link_drop() - lose the next @n frames of a class
 * @w:		world
 * @link:	handle
 * @end:	sender's end, -1: both
 * @n:		how many; 0: none any more
 * @cls:	enum vnetsim_frame_class
 *
 * Return:	0; VE_SRCH.
 */
int vnetsim_link_drop(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls);

/**
 * vnetsim_link_corrupt() - flip a bit of the next @n frames of a class
 * @w:		world
 * @link:	handle
 * @end:	sender's end, -1: both
 * @n:		how many; 0: none any more
 * @cls:	enum vnetsim_frame_class
 *
 * Of those that are not lost; the bit is behind the Ethernet header.
 * Return:	0; VE_SRCH.
 */
int vnetsim_link_corrupt(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls);

/**
 * vnetsim_link_reorder() - let later frames overtake the next @n of a class
 * @w:		world
 * @link:	handle
 * @end:	sender's end, -1: both
 * @n:		how many; 0: none any more
 * @cls:	enum vnetsim_frame_class
 *
 * Of those that are not lost, corrupted or doubled; how late they are say
 * @hold and @holdn of struct vnetsim_link_params when they are sent.
 * Return:	0; VE_SRCH.
 */
int vnetsim_link_reorder(
    struct vnetsim *w, vnetsim_handle link, int end, uint32_t n, int cls);

/**
 * vnetsim_link_cut() - cut a wire, or join it again
 * @w:		world
 * @link:	handle
 * @cut:	wanted
 *
 * Both ends' carrier follows at once.  Frames under way are lost; what is sent
 * while it is cut is refused (ENETDOWN).
 *
 * Return:	0; VE_SRCH.
 */
int vnetsim_link_cut(struct vnetsim *w, vnetsim_handle link, bool cut);

/**
 * vnetsim_link_inject() - put a frame from outside the world on a wire
 * @w:		world
 * @link:	handle
 * @end:	the end that it seems to come from, 0 or 1: it arrives at the
 *		other one
 * @bytes:	the frame, from the Ethernet header on, without FCS; copied
 * @len:	its length in bytes
 * @macs:	overwrite its Ethernet addresses with those of the link's ends;
 *		a group address as destination stays
 *
 * It is sent now and from then on is a frame like others: the wire delays,
 * loses or corrupts it.  It is reported (wire.h) without a vnet as sender.
 * Its sums are not touched: a receiver drops what is wrong.
 *
 * Return:	0 (also if the wire loses it); VE_INVAL: shorter than an
 *		Ethernet header; VE_MSGSIZE: longer than the MTU of the
 *		interface that would get it; VE_NETDOWN: cut; VE_NOBUFS: the
 *		queue is full, or no memory; VE_SRCH: no such link.
 */
int vnetsim_link_inject(struct vnetsim *w, vnetsim_handle link, int end,
    const uint8_t *bytes, size_t len, bool macs);

#endif /* !VNETSIM_LINK_H */
