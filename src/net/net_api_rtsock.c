/*
 * net_api_rtsock.c - the public interface of routing messages.
 */
#include <vnetsim/route.h>
#include "src/net/ip/rtsock_var.h"

int
vnetsim_rtmsg_decode(const void *data, size_t len, struct vnetsim_rtmsg *msg)
{
	return (rts_decode(data, len, msg));
}

size_t
vnetsim_rtmsg_encode(const struct vnetsim_rtmsg *msg, void *buf, size_t size)
{
	return (rts_encode(msg, buf, size));
}
