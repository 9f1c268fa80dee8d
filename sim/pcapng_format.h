/*
 * pcapng_format.h - numbers of the pcapng file format that we use.
 *
 * draft-ietf-opsawg-pcapng: section 3.1 (block), 3.5 (options), 4.1 SHB, 4.2
 * IDB, 4.3 EPB, 4.6 ISB.
 */
#ifndef SIM_PCAPNG_FORMAT_H
#define SIM_PCAPNG_FORMAT_H

#define PCAPNG_IDB 0x00000001u /* Interface Description Block */
#define PCAPNG_ISB 0x00000005u /* Interface Statistics Block */
#define PCAPNG_EPB 0x00000006u /* Enhanced Packet Block */
#define PCAPNG_SHB 0x0a0d0d0au /* Section Header Block */

#define PCAPNG_MAGIC    0x1a2b3c4du /* byte order of a section */
#define PCAPNG_MAJOR    1
#define PCAPNG_MINOR    0
#define PCAPNG_ETHERNET 1 /* LINKTYPE_ETHERNET */

#define PCAPNG_OPT_END       0
#define PCAPNG_OPT_COMMENT   1
#define PCAPNG_SHB_USERAPPL  4
#define PCAPNG_IF_NAME       2
#define PCAPNG_IF_DESC       3
#define PCAPNG_IF_TSRESOL    9
#define PCAPNG_TSRESOL_NS    9 /* 10^-9 s */
#define PCAPNG_USERAPPL      "vnetsim"
#define PCAPNG_FACTS_IF      0 /* interface that carries facts, no frames */
#define PCAPNG_FACTS_IF_NAME "vnetsim"

#endif /* !SIM_PCAPNG_FORMAT_H */
