/*
 * kernel.h - the slots at which modules start and end.
 *
 * Names and values are FreeBSD 13's (sys/kernel.h, enum sysinit_sub_id and
 * sysinit_elem_order); only those at or above SI_SUB_VNET that a vnet module
 * may use, plus the ones needed to print FreeBSD's own table.
 */
#ifndef VNETSIM_KERN_KERNEL_H
#define VNETSIM_KERN_KERNEL_H

enum sysinit_sub_id {
	SI_SUB_VNET = 0x21E0000,
	SI_SUB_MBUF = 0x2700000,
	SI_SUB_INIT_IF = 0x3000000,
	SI_SUB_NETGRAPH = 0x3010000,
	SI_SUB_DRIVERS = 0x3100000,
	SI_SUB_SYSV_SHM = 0x6400000,
	SI_SUB_SYSV_SEM = 0x6800000,
	SI_SUB_SYSV_MSG = 0x6C00000,
	SI_SUB_PSEUDO = 0x7000000,
	SI_SUB_PROTO_BEGIN = 0x8000000,
	SI_SUB_PROTO_PFIL = 0x8100000,
	SI_SUB_PROTO_IF = 0x8400000,
	SI_SUB_PROTO_DOMAININIT = 0x8600000,
	SI_SUB_PROTO_MC = 0x8700000,
	SI_SUB_PROTO_DOMAIN = 0x8800000,
	SI_SUB_PROTO_FIREWALL = 0x8806000,
	SI_SUB_PROTO_IFATTACHDOMAIN = 0x8808000,
	SI_SUB_PROTO_END = 0x8ffffff,
	SI_SUB_VNET_DONE = 0xdc00000,
	SI_SUB_KTHREAD_INIT = 0xe000000, /* FreeBSD 9 has destructors there */
};

enum sysinit_elem_order {
	SI_ORDER_FIRST = 0,
	SI_ORDER_SECOND = 1,
	SI_ORDER_THIRD = 2,
	SI_ORDER_FOURTH = 3,
	SI_ORDER_FIFTH = 4,
	SI_ORDER_SIXTH = 5,
	SI_ORDER_SEVENTH = 6,
	SI_ORDER_EIGHTH = 7,
	SI_ORDER_MIDDLE = 0x1000000,
	SI_ORDER_ANY = 0xfffffff,
};

#endif /* !VNETSIM_KERN_KERNEL_H */
