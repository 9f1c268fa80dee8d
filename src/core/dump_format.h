/*
 * dump_format.h - how a world lies in a file; docs/DUMP.md says it in words.
 *
 *	struct dump_head | struct dump_seg ... | bytes of the segments
 *
 * Everything is in the byte order and with the pointers of the process that
 * wrote it.  Segments are ascending and disjoint, in addresses and in the
 * file.  The directory holds what a reader needs to follow the ledger and the
 * field tables without knowing how big the other structures were, so that a
 * dump of another build can be read as far.
 *
 * DUMP_VERSION counts changes of these structures and of those that the
 * ledger consists of: mem_hdr, mem_extent, mem_account, ref, callout,
 * uma_zone, field, the beginning of vnet_module.
 */
#ifndef SRC_CORE_DUMP_FORMAT_H
#define SRC_CORE_DUMP_FORMAT_H

#include <stdint.h>

#define DUMP_MAGIC    "\211vnetdmp"
#define DUMP_VERSION  2
#define DUMP_ORDER    UINT32_C(0x01020304)
#define DUMP_BUILD_ID 20
#define DUMP_NONAME   UINT32_MAX /* no vnet */
#define DUMP_ALIGN    8

/* Addresses are of the writing process. */
struct dump_dir {
	uint64_t dd_world;     /* struct world, base of the reservation */
	uint64_t dd_worldsize; /* bytes of struct world */
	uint64_t dd_size;      /* bytes of the reservation */
	uint64_t dd_extbase;   /* extent 0 */
	uint64_t dd_ext;       /* table of struct mem_extent */
	uint64_t dd_zones;     /* table of pointers to struct uma_zone */
	uint64_t dd_sites;     /* table of pointers: anchors of sites */
	uint64_t dd_mods;      /* table of pointers to struct vnet_module */
	uint64_t dd_acct;      /* struct mem_account of the world */
	uint32_t dd_nused;     /* extents */
	uint32_t dd_nzones;
	uint32_t dd_nsites;
	uint32_t dd_nmods;
	uint32_t dd_vnetmem;   /* struct vnet_mem, bytes from struct vnet */
	uint32_t dd_vnetstate; /* its table of states, the same */
	int64_t dd_time;
	uint64_t dd_events;
	uint64_t dd_seed;
	uint32_t dd_vnet; /* the current one, DUMP_NONAME: none */
	uint32_t dd_inside;
	uint32_t dd_findings;
	uint32_t dd_lost;
	char dd_vname[64];
	char dd_door[16];   /* "": none */
	char dd_module[32]; /* "": none */
};

struct dump_head {
	char dh_magic[8];
	uint32_t dh_order; /* DUMP_ORDER */
	uint8_t dh_ptrsize;
	uint8_t dh_pad[3];
	uint32_t dh_version;
	uint32_t dh_headsize; /* bytes of this structure */
	uint8_t dh_build_id[DUMP_BUILD_ID];
	uint32_t dh_nseg;
	uint64_t dh_filesize;
	char dh_reason[128];
	struct dump_dir dh_dir;
};

enum dump_kind {
	DUMP_WORLD = 1, /* struct world */
	DUMP_TABLE,     /* a table of the world */
	DUMP_EXTENT,    /* used part of an extent or run */
	DUMP_CONST,     /* constant data of a program or shared object */
};

struct dump_seg {
	uint64_t ds_addr;
	uint64_t ds_len;
	uint64_t ds_off; /* in the file */
	uint32_t ds_kind;
	uint32_t ds_pad;
};

#endif /* !SRC_CORE_DUMP_FORMAT_H */
