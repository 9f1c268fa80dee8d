/*
 * rtsock_code.c - messages of the routing socket: to bytes and back.
 *
 * Layouts are those of vnetsim/route.h, written and read byte by byte, so that
 * they are the same on every host.  Decoding believes nothing: each address is
 * looked at only after its length has been found to lie in the message.
 *
 * FreeBSD: sys/net/route.h, sys/net/if.h; rt_xaddrs(), rtsock_msg_buffer() of
 * sys/net/rtsock.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/mbuf.h>
#include "src/net/ip/rtsock_var.h"

#define RTM_VERSION 5

enum { AF_INET = 2, AF_LINK = 18 };
enum { SIN_LEN = 16, SDL_LEN = 54, SDL_O_DATA = 8 };
enum { IFM_HDRLEN = 168, IFAM_HDRLEN = 20, IFAN_LEN = 24 };
enum { IFM_O_DATA = 16, IFM_O_LINKSTATE = 20, IFM_O_MTU = 24 };

#define SA_SIZE(len) ((len) == 0 ? 8u : (((uint32_t)(len) + 7u) & ~7u))

/* How long the header of a type is; 0: unknown. */
static uint32_t
rtm_hdrlen(unsigned type)
{
	switch (type) {
	case VNETSIM_RTM_ADD:
	case VNETSIM_RTM_DELETE:
	case VNETSIM_RTM_CHANGE:
	case VNETSIM_RTM_GET:
	case VNETSIM_RTM_REDIRECT:
	case VNETSIM_RTM_MISS:
		return (RTM_HDRLEN);
	case VNETSIM_RTM_NEWADDR:
	case VNETSIM_RTM_DELADDR:
		return (IFAM_HDRLEN);
	case VNETSIM_RTM_IFINFO:
		return (IFM_HDRLEN);
	case VNETSIM_RTM_IFANNOUNCE:
		return (IFAN_LEN);
	default:
		return (0);
	}
}

/* ---- to bytes ---- */

struct rts_out {
	uint8_t *p;
	size_t len, size; /* len > size: it does not fit */
};

/* @len bytes of zeroes, of which the first are an address's.  NULL: full. */
static uint8_t *
out_room(struct rts_out *o, uint32_t len)
{
	uint8_t *p = o->p + o->len;

	if (o->len > o->size || o->size - o->len < len) {
		o->len = o->size + 1;
		return (NULL);
	}
	memset(p, 0, len);
	o->len += len;
	return (p);
}

static void
out_sin(struct rts_out *o, uint32_t addr)
{
	uint8_t *p = out_room(o, SA_SIZE(SIN_LEN));

	if (p == NULL)
		return;
	p[0] = SIN_LEN;
	p[1] = AF_INET;
	be32enc(p + 4, addr);
}

static void
out_sdl(struct rts_out *o, const struct vnetsim_rtlink *l)
{
	uint8_t *p = out_room(o, SA_SIZE(SDL_LEN));
	size_t nlen = 0;

	if (p == NULL)
		return;
	while (nlen < sizeof(l->name) && l->name[nlen] != '\0')
		nlen++;
	p[0] = SDL_LEN;
	p[1] = AF_LINK;
	le16enc(p + 2, l->index);
	p[4] = l->has_ether ? 6 : 24; /* IFT_ETHER, IFT_LOOP */
	p[5] = (uint8_t)nlen;
	p[6] = l->has_ether ? sizeof(l->ether) : 0;
	memcpy(p + SDL_O_DATA, l->name, nlen);
	memcpy(p + SDL_O_DATA + nlen, l->ether, p[6]);
}

static void
out_addrs(struct rts_out *o, const struct vnetsim_rtmsg *msg)
{
	if ((msg->addrs & VNETSIM_RTA_DST) != 0)
		out_sin(o, msg->dst);
	if ((msg->addrs & VNETSIM_RTA_GATEWAY) != 0) {
		if (msg->gateway == 0 && msg->gwlink.index != 0)
			out_sdl(o, &msg->gwlink);
		else
			out_sin(o, msg->gateway);
	}
	if ((msg->addrs & VNETSIM_RTA_NETMASK) != 0)
		out_sin(o, msg->netmask);
	if ((msg->addrs & VNETSIM_RTA_GENMASK) != 0)
		out_sin(o, 0);
	if ((msg->addrs & VNETSIM_RTA_IFP) != 0)
		out_sdl(o, &msg->ifp);
	if ((msg->addrs & VNETSIM_RTA_IFA) != 0)
		out_sin(o, msg->ifa);
	if ((msg->addrs & VNETSIM_RTA_AUTHOR) != 0)
		out_sin(o, msg->author);
	if ((msg->addrs & VNETSIM_RTA_BRD) != 0)
		out_sin(o, msg->brd);
}

static void
out_rtm(uint8_t *p, const struct vnetsim_rtmsg *msg)
{
	le16enc(p + RTM_O_INDEX, msg->index);
	le32enc(p + RTM_O_FLAGS, msg->flags);
	le32enc(p + RTM_O_ADDRS, msg->addrs);
	le32enc(p + RTM_O_PID, (uint32_t)msg->pid);
	le32enc(p + RTM_O_SEQ, (uint32_t)msg->seq);
	le32enc(p + RTM_O_ERRNO, (uint32_t)msg->error);
	le32enc(p + RTM_O_INITS, msg->inits);
	le32enc(p + RTM_O_MTU, msg->mtu);
	le32enc(p + RTM_O_EXPIRE, msg->expire);
}

static void
out_header(uint8_t *p, const struct vnetsim_rtmsg *msg)
{
	switch (rtm_hdrlen(msg->type)) {
	case RTM_HDRLEN:
		out_rtm(p, msg);
		break;
	case IFAN_LEN:
		le16enc(p + 4, msg->index);
		memcpy(p + 6, msg->ifp.name, sizeof(msg->ifp.name));
		le16enc(p + 22, msg->arrival ? 0 : 1);
		break;
	case IFM_HDRLEN:
		p[IFM_O_LINKSTATE] = msg->linkstate;
		le16enc(p + IFM_O_DATA + 6, IFM_HDRLEN - IFM_O_DATA);
		le32enc(p + IFM_O_MTU, msg->mtu);
		/* FALLTHROUGH */
	default:
		le32enc(p + 4, msg->addrs);
		le32enc(p + 8, msg->flags);
		le16enc(p + 12, msg->index);
		break;
	}
}

size_t
rts_encode(const struct vnetsim_rtmsg *msg, uint8_t *p, size_t size)
{
	struct rts_out o = { .p = p, .size = size };
	uint32_t hdrlen = rtm_hdrlen(msg->type);

	if (hdrlen == 0 || out_room(&o, hdrlen) == NULL)
		return (0);
	p[RTM_O_VERSION] = RTM_VERSION;
	p[RTM_O_TYPE] = msg->type;
	out_header(p, msg);
	if (hdrlen != IFAN_LEN)
		out_addrs(&o, msg);
	if (o.len > size)
		return (0);
	le16enc(p, (uint32_t)o.len);
	return (o.len);
}

/* ---- and back ---- */

static int
in_sdl(const uint8_t *p, uint32_t len, struct vnetsim_rtlink *l)
{
	uint32_t nlen, alen;

	if (len < SDL_O_DATA)
		return (VE_INVAL);
	nlen = p[5];
	alen = p[6];
	if (nlen >= sizeof(l->name) || SDL_O_DATA + nlen + alen > len)
		return (VE_INVAL);
	l->index = (uint16_t)le16dec(p + 2);
	memcpy(l->name, p + SDL_O_DATA, nlen);
	l->has_ether = alen == sizeof(l->ether);
	if (l->has_ether)
		memcpy(l->ether, p + SDL_O_DATA + nlen, alen);
	return (0);
}

/* An address at @p, of @len bytes.  @l: it may be one of a link. */
static int
in_addr(
    const uint8_t *p, uint32_t len, uint32_t *addr, struct vnetsim_rtlink *l)
{
	if (len == 0)
		return (0);
	if (len >= 8 && p[1] == AF_INET && addr != NULL) {
		*addr = be32dec(p + 4);
		return (0);
	}
	if (len >= 2 && p[1] == AF_LINK && l != NULL)
		return (in_sdl(p, len, l));
	return (VE_AFNOSUPPORT);
}

static int
in_one(struct vnetsim_rtmsg *msg, uint32_t bit, const uint8_t *p, uint32_t len)
{
	uint32_t unused;

	switch (bit) {
	case VNETSIM_RTA_DST:
		return (in_addr(p, len, &msg->dst, NULL));
	case VNETSIM_RTA_GATEWAY:
		return (in_addr(p, len, &msg->gateway, &msg->gwlink));
	case VNETSIM_RTA_NETMASK:
		/* masks are cut behind their last byte, and of no family */
		msg->netmask = 0;
		for (uint32_t i = 0; i < 4; i++)
			msg->netmask =
			    msg->netmask << 8 | (4 + i < len ? p[4 + i] : 0u);
		return (0);
	case VNETSIM_RTA_IFP:
		return (in_addr(p, len, NULL, &msg->ifp));
	case VNETSIM_RTA_IFA:
		return (in_addr(p, len, &msg->ifa, NULL));
	case VNETSIM_RTA_AUTHOR:
		return (in_addr(p, len, &msg->author, NULL));
	case VNETSIM_RTA_BRD:
		return (in_addr(p, len, &msg->brd, NULL));
	default:
		return (in_addr(p, len, &unused, NULL));
	}
}

static int
in_addrs(struct vnetsim_rtmsg *msg, const uint8_t *p, size_t len)
{
	uint32_t sa, step;
	int error;

	for (uint32_t bit = 1; bit <= VNETSIM_RTA_BRD; bit <<= 1) {
		if ((msg->addrs & bit) == 0)
			continue;
		sa = len != 0 ? p[0] : 0;
		/* FreeBSD pads each to a word, the last one, too */
		if (len == 0 || sa > len)
			return (VE_INVAL);
		error = in_one(msg, bit, p, sa);
		if (error != 0)
			return (error);
		step = imin(SA_SIZE(sa), (uint32_t)len);
		p += step;
		len -= step;
	}
	return (0);
}

static void
in_header(struct vnetsim_rtmsg *msg, const uint8_t *p)
{
	switch (rtm_hdrlen(msg->type)) {
	case RTM_HDRLEN:
		msg->index = (uint16_t)le16dec(p + RTM_O_INDEX);
		msg->flags = le32dec(p + RTM_O_FLAGS);
		msg->addrs = le32dec(p + RTM_O_ADDRS);
		msg->pid = (int32_t)le32dec(p + RTM_O_PID);
		msg->seq = (int32_t)le32dec(p + RTM_O_SEQ);
		msg->error = (int32_t)le32dec(p + RTM_O_ERRNO);
		msg->inits = le32dec(p + RTM_O_INITS);
		msg->mtu = le32dec(p + RTM_O_MTU);
		msg->expire = le32dec(p + RTM_O_EXPIRE);
		break;
	case IFAN_LEN:
		msg->index = (uint16_t)le16dec(p + 4);
		memcpy(msg->ifp.name, p + 6, sizeof(msg->ifp.name) - 1);
		msg->arrival = le16dec(p + 22) == 0;
		break;
	case IFM_HDRLEN:
		msg->linkstate = p[IFM_O_LINKSTATE];
		msg->mtu = le32dec(p + IFM_O_MTU);
		/* FALLTHROUGH */
	default:
		msg->addrs = le32dec(p + 4);
		msg->flags = le32dec(p + 8);
		msg->index = (uint16_t)le16dec(p + 12);
		break;
	}
}

int
rts_decode(const uint8_t *p, size_t len, struct vnetsim_rtmsg *msg)
{
	uint32_t hdrlen;

	memset(msg, 0, sizeof(*msg));
	if (len < 4 || le16dec(p) != len)
		return (VE_INVAL);
	if (p[RTM_O_VERSION] != RTM_VERSION)
		return (VE_PROTONOSUPPORT);
	msg->type = p[RTM_O_TYPE];
	msg->len = (uint16_t)len;
	hdrlen = rtm_hdrlen(msg->type);
	if (hdrlen == 0)
		return (VE_OPNOTSUPP);
	if (len < hdrlen)
		return (VE_INVAL);
	in_header(msg, p);
	return (
	    hdrlen == IFAN_LEN ? 0 : in_addrs(msg, p + hdrlen, len - hdrlen));
}
