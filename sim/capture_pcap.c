/*
 * capture_pcap.c - frames as a classic pcap file, through libpcap.
 *
 * libpcap writes each record into a file in memory, from where it goes to
 * capture_out.c like every other record.  So a full disk, a broken pipe and a
 * rewind are handled in one place, and libpcap's blind spots (pcap_dump()
 * ignores write errors, pcap_dump_close() returns nothing) do not matter.
 *
 * The format has nanoseconds (magic a1b23c4d) and nothing else that we know:
 * events that are no frames are skipped, interfaces and verdicts are lost.
 * libpcap writes the host's byte order; only pcapng has the same bytes
 * everywhere.
 */
#include "sim/capture_pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000

/* Hand over what libpcap has written into memory, as one record. */
static int
pcap_hand_over(struct capture_pcap *cp, struct capture_out *o, bool frame)
{
	if (pcap_dump_flush(cp->cp_dump) != 0 || ferror(cp->cp_file)) {
		capture_out_abandon(o);
		return (ENOMEM);
	}
	capture_out_put(o, cp->cp_mem, cp->cp_len);
	rewind(cp->cp_file);
	return (capture_out_commit(o, frame));
}

/**
 * capture_pcap_begin() - write the file's head
 * @cp:		out: the capture, freed by capture_pcap_end() in any case
 * @o:	an open output
 *
 * Return: 0; ENOMEM; an error of the output.
 */
int
capture_pcap_begin(struct capture_pcap *cp, struct capture_out *o)
{
	memset(cp, 0, sizeof(*cp));
	cp->cp_pcap = pcap_open_dead_with_tstamp_precision(
	    DLT_EN10MB, (int)CAPTURE_FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
	if (cp->cp_pcap == NULL)
		return (ENOMEM);
	cp->cp_file = open_memstream(&cp->cp_mem, &cp->cp_len);
	if (cp->cp_file == NULL)
		return (ENOMEM);
	cp->cp_dump = pcap_dump_fopen(cp->cp_pcap, cp->cp_file);
	if (cp->cp_dump == NULL)
		return (ENOMEM);
	return (pcap_hand_over(cp, o, false));
}

/**
 * capture_pcap_event() - write a frame; other events are skipped
 *
 * Return: 0; EINVAL a negative time; EMSGSIZE; EOVERFLOW a time beyond what
 * the format can hold; ENOMEM; an error of the output.
 */
int
capture_pcap_event(struct capture_pcap *cp, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	struct pcap_pkthdr h;
	int error;

	if (ev->we_kind != VNETSIM_WIRE_FRAME)
		return (0);
	if (ev->we_time < 0)
		return (EINVAL);
	if (ev->we_len > CAPTURE_FRAME_MAX)
		return (EMSGSIZE);
	if (ev->we_time / NS_PER_S > UINT32_MAX)
		return (EOVERFLOW);
	memset(&h, 0, sizeof(h));
	h.ts.tv_sec = (time_t)(ev->we_time / NS_PER_S);
	/* libpcap: with nanosecond precision this field holds nanoseconds */
	h.ts.tv_usec = (suseconds_t)(ev->we_time % NS_PER_S);
	h.caplen = h.len = ev->we_len;
	pcap_dump((u_char *)cp->cp_dump, &h, ev->we_bytes);
	error = pcap_hand_over(cp, o, true);
	if (error == 0)
		cp->cp_frames++;
	return (error);
}

/** capture_pcap_end() - free everything; a begin that failed is fine */
void
capture_pcap_end(struct capture_pcap *cp)
{
	if (cp->cp_dump != NULL)
		pcap_dump_close(cp->cp_dump);
	else if (cp->cp_file != NULL)
		(void)fclose(cp->cp_file);
	if (cp->cp_pcap != NULL)
		pcap_close(cp->cp_pcap);
	free(cp->cp_mem);
	memset(cp, 0, sizeof(*cp));
}

/** capture_pcap_library() - what writes classic captures, and its version */
const char *
capture_pcap_library(void)
{
	return (pcap_lib_version());
}
