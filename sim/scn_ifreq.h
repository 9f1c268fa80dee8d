/*
 * scn_ifreq.h - parameters of ifconfig, while they are parsed.
 *
 * A statement collects at most SCN_IFREQ_MAX requests here; scn_ifreq_end()
 * copies them to the script.
 */
#ifndef SIM_SCN_IFREQ_H
#define SIM_SCN_IFREQ_H

#include "sim/scn_parse.h"

struct scn_ifreqs {
	uint32_t q_n;
	bool q_hasvlan;
	struct vnetsim_ifreq q_vlan; /* its parts so far */
	struct vnetsim_ifreq q_req[SCN_IFREQ_MAX];
};

size_t scn_ifreq_names(const char **names, size_t max);
bool scn_ifreq_take(struct scn_cur *c, struct scn_ifreqs *q, const char *name);
bool scn_ifreq_end(
    struct scn_cur *c, struct scn_ifreqs *q, struct scn_ifconf *f);

#endif /* !SIM_SCN_IFREQ_H */
