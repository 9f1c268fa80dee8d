/*
 * capture_foreign.c - frames of a capture that is not ours, through libpcap.
 *
 * libpcap reads classic pcap in both byte orders and precisions, and pcapng
 * with every block that others write.  It tells neither interfaces nor
 * comments, so a frame comes with its time and bytes and nothing else.
 * Everything behind here decodes Ethernet: frames of the other link types that
 * carry IP get an Ethernet header (capture_linktype.c), one that cannot is
 * handed on as an empty frame, and the rest of the types is refused.
 *
 * A frame that was cut when it was captured is handed on cut; its decoder
 * says so.
 */
#include "sim/capture_foreign.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_linktype.h"

#define NS_PER_S 1000000000

struct capture_foreign {
	FILE *cf_file;   /* (o) only until libpcap has taken it */
	pcap_t *cf_pcap; /* (o) */
	uint64_t cf_frames;
	bool cf_snapped; /* the last frame is not whole */
	int cf_dlt;
	uint8_t *cf_buf; /* (o) a frame that got an Ethernet header */
	size_t cf_room;
};

static void
foreign_why(char why[PCAPNG_WHY_MAX], const char *format, const char *what)
{
	(void)snprintf(why, PCAPNG_WHY_MAX, format, what);
}

/**
 * capture_foreign_new() - begin to read
 * @fp:		out: the reader, or NULL
 * @bytes:	the file, borrowed until capture_foreign_free()
 * @len:	its length in bytes
 * @why:	out: what is wrong with it, if EINVAL is returned
 *
 * Return: 0; ENOMEM; EINVAL it is no capture, or none of Ethernet frames.
 */
int
capture_foreign_new(struct capture_foreign **fp, const uint8_t *bytes,
    size_t len, char why[PCAPNG_WHY_MAX])
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct capture_foreign *f;
	const char *name;
	int dlt;

	*fp = NULL;
	if (len == 0) {
		foreign_why(why, "%s", "not a capture: the file is empty");
		return (EINVAL);
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return (ENOMEM);
	/* mode "r" only reads; the cast drops a const that fmemopen lacks */
	f->cf_file = fmemopen((void *)bytes, len, "rb");
	if (f->cf_file == NULL) {
		capture_foreign_free(f);
		return (ENOMEM);
	}
	f->cf_pcap = pcap_fopen_offline_with_tstamp_precision(
	    f->cf_file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (f->cf_pcap == NULL) {
		foreign_why(why, "not a capture: %s", text);
		capture_foreign_free(f);
		return (EINVAL);
	}
	f->cf_file = NULL;
	dlt = pcap_datalink(f->cf_pcap);
	f->cf_dlt = dlt;
	if (dlt != DLT_EN10MB && !capture_linktype_known(dlt)) {
		name = pcap_datalink_val_to_name(dlt);
		foreign_why(why,
		    "a capture of %s, only Ethernet, IP, loopback and Linux' "
		    "cooked frames can be read",
		    name != NULL ? name : "an unknown link type");
		capture_foreign_free(f);
		return (EINVAL);
	}
	*fp = f;
	return (0);
}

/* Give the frame an Ethernet header.  Return: false: no memory. */
static bool
foreign_convert(struct capture_foreign *f, struct vnetsim_wire_event *ev)
{
	size_t skip, need = (size_t)ev->we_len + CAPTURE_ETHER_HDR;
	uint8_t eh[CAPTURE_ETHER_HDR], *more;

	if (!capture_linktype_ether(
		f->cf_dlt, ev->we_bytes, ev->we_len, eh, &skip)) {
		ev->we_len = 0;
		return (true);
	}
	if (need > f->cf_room) {
		more = realloc(f->cf_buf, need);
		if (more == NULL)
			return (false);
		f->cf_buf = more;
		f->cf_room = need;
	}
	memcpy(f->cf_buf, eh, sizeof(eh));
	memcpy(f->cf_buf + sizeof(eh), ev->we_bytes + skip, ev->we_len - skip);
	ev->we_bytes = f->cf_buf;
	ev->we_len = (uint32_t)(need - skip);
	return (true);
}

/** capture_foreign_next() - as capture_reader_next(); @why if -1 */
int
capture_foreign_next(struct capture_foreign *f, struct vnetsim_wire_event *ev,
    char why[PCAPNG_WHY_MAX])
{
	struct pcap_pkthdr *h;
	const u_char *bytes;
	int64_t sec, ns;
	int n;

	n = pcap_next_ex(f->cf_pcap, &h, &bytes);
	if (n == PCAP_ERROR_BREAK)
		return (0);
	if (n != 1) {
		foreign_why(why, "%s", pcap_geterr(f->cf_pcap));
		return (-1);
	}
	sec = h->ts.tv_sec;
	ns = h->ts.tv_usec;
	if (sec < 0 || sec > INT64_MAX / NS_PER_S - 1 || ns < 0 ||
	    ns > INT64_MAX - sec * NS_PER_S) {
		foreign_why(why, "%s", "a frame's time is out of range");
		return (-1);
	}
	ev->we_kind = VNETSIM_WIRE_FRAME;
	ev->we_time = ev->we_arrive = sec * NS_PER_S + ns;
	ev->we_frame = f->cf_frames++;
	ev->we_verdict = VNETSIM_V_SENT;
	ev->we_bytes = bytes;
	ev->we_len = h->caplen;
	f->cf_snapped = h->caplen < h->len;
	if (f->cf_dlt != DLT_EN10MB && !foreign_convert(f, ev)) {
		foreign_why(why, "%s", "not enough memory");
		return (-1);
	}
	return (1);
}

/** capture_foreign_snapped() - as capture_reader_snapped() */
bool
capture_foreign_snapped(const struct capture_foreign *f)
{
	return (f->cf_snapped);
}

/** capture_foreign_converted() - are the Ethernet headers made up? */
bool
capture_foreign_converted(const struct capture_foreign *f)
{
	return (f->cf_dlt != DLT_EN10MB);
}

/** capture_foreign_free() - free a reader; NULL is allowed */
void
capture_foreign_free(struct capture_foreign *f)
{
	if (f == NULL)
		return;
	if (f->cf_file != NULL)
		(void)fclose(f->cf_file);
	if (f->cf_pcap != NULL)
		pcap_close(f->cf_pcap);
	free(f->cf_buf);
	free(f);
}
