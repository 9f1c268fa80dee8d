/*
 * scn_pf.h - between scn_pf.c, which reads pfctl, and scn_pf_conf.c, which
 * reads pf.conf.
 */
#ifndef SIM_SCN_PF_H
#define SIM_SCN_PF_H

#include <vnetsim/pf.h>

#include "sim/scn_parse.h"

/**
 * scn_pf_lines() - lines of a pf.conf(5), each a word of the statement
 * @c:		cursor, at the first of them; at the end afterwards
 * @conf:	out: owned by the script
 *
 * Return:	false: an error was reported.
 */
bool scn_pf_lines(struct scn_cur *c, const struct vnetsim_pf_conf **conf);

/**
 * scn_pf_host() - ADDR[/LEN], or any
 * @c:		cursor at it
 * @addr, @plen: out; any: 0/0
 *
 * Return:	false: an error was reported.
 */
bool scn_pf_host(struct scn_cur *c, uint32_t *addr, uint8_t *plen);

#endif /* !SIM_SCN_PF_H */
