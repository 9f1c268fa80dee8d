/*
 * capture_filter.c - filters of tcpdump on Ethernet frames, by libpcap.
 *
 * libpcap compiles the expression to a program of BPF and runs it; nothing is
 * captured.  A scenario should name hosts by address: libpcap looks names up
 * on the machine that it runs on.
 */
#include "sim/capture_filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#define FILTER_SNAPLEN 262144

struct capture_filter {
	struct bpf_program cf_prog;
};

/**
 * capture_filter_new() - compile a filter
 * @text:	expression of pcap-filter(7); "" matches all
 * @why:	out: what is wrong, if NULL is returned
 *
 * Return:	the filter, freed with capture_filter_free(); NULL: a mistake
 *		in it, or no memory.
 */
struct capture_filter *
capture_filter_new(const char *text, char why[CAPTURE_FILTER_WHY])
{
	struct capture_filter *cf = calloc(1, sizeof(*cf));
	pcap_t *pc = pcap_open_dead(DLT_EN10MB, FILTER_SNAPLEN);

	(void)snprintf(why, CAPTURE_FILTER_WHY, "not enough memory");
	if (cf != NULL && pc != NULL) {
		if (pcap_compile(
			pc, &cf->cf_prog, text, 1, PCAP_NETMASK_UNKNOWN) == 0) {
			pcap_close(pc);
			return (cf);
		}
		(void)snprintf(why, CAPTURE_FILTER_WHY, "%s", pcap_geterr(pc));
	}
	if (pc != NULL)
		pcap_close(pc);
	free(cf);
	return (NULL);
}

/** capture_filter_match() - does a frame of @len bytes match? */
bool
capture_filter_match(
    const struct capture_filter *cf, const uint8_t *bytes, size_t len)
{
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)len,
		.len = (bpf_u_int32)len };

	return (pcap_offline_filter(&cf->cf_prog, &h, bytes) != 0);
}

/** capture_filter_free() - free a filter; NULL is allowed */
void
capture_filter_free(struct capture_filter *cf)
{
	if (cf == NULL)
		return;
	pcap_freecode(&cf->cf_prog);
	free(cf);
}
