/*
 * capture_pcap.h - frames as a classic pcap file, through libpcap.
 */
#ifndef SIM_CAPTURE_PCAP_H
#define SIM_CAPTURE_PCAP_H

#include <stdio.h>

#include <vnetsim/wire.h>

#include "sim/capture_out.h"

/**
 * struct capture_pcap - a classic capture being written
 * @cp_pcap:	(o) pcap_t of libpcap
 * @cp_dump:	(o) its dumper, which writes to @cp_file
 * @cp_file:	(o, through @cp_dump) a file in memory: one record at a time
 * @cp_mem:	(o) its bytes; @cp_len: how many
 * @cp_frames:	frames written
 */
struct capture_pcap {
	struct pcap *cp_pcap;
	struct pcap_dumper *cp_dump;
	FILE *cp_file;
	char *cp_mem;
	size_t cp_len;
	uint64_t cp_frames;
};

/* "libpcap version 1.10.3 ..."; NULL: built without it. */
const char *capture_pcap_library(void);
int capture_pcap_begin(struct capture_pcap *cp, struct capture_out *o);
int capture_pcap_event(struct capture_pcap *cp, struct capture_out *o,
    const struct vnetsim_wire_event *ev);
void capture_pcap_end(struct capture_pcap *cp);

#endif /* !SIM_CAPTURE_PCAP_H */
