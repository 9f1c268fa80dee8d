/*
 * pcap_none.c - stands for capture_pcap.c, capture_foreign.c and
 * capture_filter.c in a program built without libpcap.
 *
 * pcapng is written and read as ever, by our own code.  Classic captures are
 * neither written (the command line refuses them) nor read; there are no
 * filters.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/capture_filter.h"
#include "sim/capture_foreign.h"
#include "sim/capture_pcap.h"

const char *
capture_pcap_library(void)
{
	return (NULL);
}

int
capture_pcap_begin(struct capture_pcap *cp, struct capture_out *o)
{
	(void)o;
	memset(cp, 0, sizeof(*cp));
	return (ENOTSUP);
}

int
capture_pcap_event(struct capture_pcap *cp, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	(void)cp;
	(void)o;
	(void)ev;
	return (ENOTSUP);
}

void
capture_pcap_end(struct capture_pcap *cp)
{
	(void)cp;
}

int
capture_foreign_new(struct capture_foreign **fp, const uint8_t *bytes,
    size_t len, char why[PCAPNG_WHY_MAX])
{
	(void)bytes;
	*fp = NULL;
	(void)snprintf(why, PCAPNG_WHY_MAX, "%s",
	    len == 0 ? "not a capture: the file is empty"
		     : "not a capture: it is not ours, and this program was "
		       "built without libpcap");
	return (EINVAL);
}

int
capture_foreign_next(struct capture_foreign *f, struct vnetsim_wire_event *ev,
    char why[PCAPNG_WHY_MAX])
{
	(void)f;
	(void)ev;
	(void)why;
	return (0);
}

bool
capture_foreign_snapped(const struct capture_foreign *f)
{
	(void)f;
	return (false);
}

void
capture_foreign_free(struct capture_foreign *f)
{
	(void)f;
}

bool
capture_foreign_converted(const struct capture_foreign *f)
{
	(void)f;
	return (false);
}

struct capture_filter *
capture_filter_new(const char *text, char why[CAPTURE_FILTER_WHY])
{
	(void)text;
	(void)snprintf(why, CAPTURE_FILTER_WHY, "%s",
	    "this program was built without libpcap");
	return (NULL);
}

bool
capture_filter_match(
    const struct capture_filter *cf, const uint8_t *bytes, size_t len)
{
	(void)cf;
	(void)bytes;
	(void)len;
	return (false);
}

void
capture_filter_free(struct capture_filter *cf)
{
	(void)cf;
}
