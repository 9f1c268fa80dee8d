/*
 * capture_foreign.c - frames of a capture that is not ours, through libpcap.
 *
 * libpcap reads classic pcap in both byte orders and precisions, and pcapng
 * with every block that others write.  It tells neither interfaces nor
 * comments, so a frame comes with its time and bytes and nothing else.  Only
 * Ethernet is accepted, because everything behind here decodes Ethernet.
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

#define NS_PER_S 1000000000

struct capture_foreign {
	FILE *cf_file;   /* (o) only until libpcap has taken it */
	pcap_t *cf_pcap; /* (o) */
	uint64_t cf_frames;
	bool cf_snapped; /* the last frame is not whole */
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
	if (dlt != DLT_EN10MB) {
		name = pcap_datalink_val_to_name(dlt);
		foreign_why(why, "a capture of %s, only Ethernet can be read",
		    name != NULL ? name : "an unknown link type");
		capture_foreign_free(f);
		return (EINVAL);
	}
	*fp = f;
	return (0);
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
	return (1);
}

/** capture_foreign_snapped() - as capture_reader_snapped() */
bool
capture_foreign_snapped(const struct capture_foreign *f)
{
	return (f->cf_snapped);
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
	free(f);
}
