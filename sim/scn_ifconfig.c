/*
 * scn_ifconfig.c - ifconfig(8).
 *
 * One statement either destroys, moves or shows an interface, or creates one,
 * or configures it; what is created may be configured by the same statement.
 * Configuration takes any of inet, mtu and up or down, which are applied in
 * the order mtu, inet, up or down whatever the order of the words; before them
 * comes the rest (scn_ifreq.c), in the order of the words.  A prefix length is
 * mandatory: FreeBSD's guess from the address class is a mistake that a
 * simulator need not offer.
 */
#include <string.h>

#include "sim/scn_ifreq.h"

/* 255.255.255.0 or 0xffffff00 to 24; false if the ones are not contiguous. */
static bool
netmask(const char *s, int32_t *len)
{
	uint32_t mask, ones;
	int64_t v;

	if (!scn_addr_parse(s, strlen(s), &mask)) {
		if (!scn_int_parse(s, &v) || v < 0 || v > UINT32_MAX)
			return (false);
		mask = (uint32_t)v;
	}
	for (*len = 0, ones = mask; (ones & 0x80000000u) != 0; ones <<= 1)
		++*len;
	return (ones == 0);
}

/* ADDR or ADDR/LEN; without LEN *len is -1. */
static bool
take_prefix(struct scn_cur *c, uint32_t *addr, int32_t *len)
{
	const struct scn_word *w = scn_take(c, "address");
	const char *slash;
	int64_t v = -1;

	if (w == NULL)
		return (false);
	slash = strchr(w->s, '/');
	if (w->quoted ||
	    !scn_addr_parse(
		w->s, slash != NULL ? (size_t)(slash - w->s) : w->len, addr) ||
	    (slash != NULL &&
		(slash[1] == '-' || !scn_int_parse(slash + 1, &v) || v > 32)))
		return (scn_cur_fail(c, c->i - 1, "as in 10.0.0.1/24",
		    "'%.64s' is no address", w->s));
	*len = (int32_t)v;
	return (true);
}

static bool
conf_inet(struct scn_cur *c, struct scn_ifconf *f)
{
	uint32_t at = c->i;

	if (f->inet != SCN_INET_NONE)
		return (scn_cur_fail(c, c->i - 1, "one ifconfig for each",
		    "more than one address"));
	if (!take_prefix(c, &f->addr, &f->prefixlen))
		return (false);
	f->inet = SCN_INET_SET;
	if (scn_cur_accept(c, "netmask")) {
		const struct scn_word *w = scn_take(c, "netmask");

		if (w == NULL)
			return (false);
		if (!netmask(w->s, &f->prefixlen))
			return (scn_cur_fail(c, c->i - 1,
			    "as in 255.255.255.0; better ADDR/24",
			    "'%.64s' is no netmask", w->s));
	}
	if (scn_cur_accept(c, "alias"))
		f->inet = SCN_INET_ALIAS;
	else if (scn_cur_accept(c, "-alias") || scn_cur_accept(c, "delete"))
		f->inet = SCN_INET_DELETE;
	if (f->prefixlen < 0 && f->inet != SCN_INET_DELETE)
		return (scn_cur_fail(c, at, "as in 10.0.0.1/24",
		    "the address needs a prefix length"));
	return (true);
}

#define IFWORDS_MAX 64

static bool
conf_one(struct scn_cur *c, struct scn_ifconf *f, struct scn_ifreqs *q)
{
	static const char *const own[] = { "inet", "mtu", "up", "down",
		"create", "destroy", "vnet", "-vnet" };
	const char *keys[IFWORDS_MAX];
	size_t nkeys = SCN_NITEMS(own);
	uint32_t addr;
	int64_t v;
	size_t i;

	/* ifconfig lo0 127.0.0.1/8: inet is the default family */
	if (scn_addr_parse(c->w[c->i].s, strcspn(c->w[c->i].s, "/"), &addr))
		return (conf_inet(c, f));
	memcpy(keys, own, sizeof(own));
	nkeys += scn_ifreq_names(keys + nkeys, IFWORDS_MAX - nkeys);
	if (!scn_take_choice(c, "parameter of ifconfig", keys, nkeys, &i))
		return (false);
	if (i >= SCN_NITEMS(own))
		return (scn_ifreq_take(c, q, keys[i]));
	switch (i) {
	case 0:
		return (conf_inet(c, f));
	case 1:
		if (!scn_take_int(c, "MTU", 1, 65535, &v))
			return (false);
		f->mtu = (uint32_t)v;
		return (true);
	case 2:
	case 3:
		f->up = f->up || i == 2;
		f->down = f->down || i == 3;
		if (f->up && f->down)
			return (scn_cur_fail(c, c->i - 1, "keep one of them",
			    "both up and down"));
		return (true);
	default:
		return (
		    scn_cur_fail(c, c->i - 1, "give it an ifconfig of its own",
			"'%s' stands alone behind the interface", keys[i]));
	}
}

/* All that is left are parameters of @ifname. */
static bool
conf_all(struct scn_cur *c, const char *ifname, struct scn_ifconf *f)
{
	struct scn_ifreqs q = { 0 };

	*f = (struct scn_ifconf){ .ifname = ifname, .prefixlen = -1 };
	while (!scn_cur_done(c))
		if (!conf_one(c, f, &q))
			return (false);
	return (scn_ifreq_end(c, &q, f));
}

/* What follows "create". */
static bool
create_rest(struct scn_cur *c, struct scn_ifcreate *f)
{
	struct scn_ifconf *conf;

	while (strcmp(f->cloner, "epair") == 0 && !scn_cur_done(c) &&
	       f->nmac < 2 && strchr(c->w[c->i].s, ':') != NULL) {
		if (!scn_take_mac(c, f->mac[f->nmac]))
			return (false);
		f->nmac++;
	}
	if (scn_cur_done(c))
		return (true);
	conf = scn_node(c, sizeof(*conf));
	f->conf = conf;
	return (conf != NULL && conf_all(c, NULL, conf));
}

static bool
if_create(struct scn_cur *c)
{
	static const char *const cloners[] = { "epair", "lo", "vlan", "bridge",
		"lagg", "gif", "gre", "tap", "tun" };
	struct scn_ifcreate *f = &c->st->u.ifcreate;
	const char *s = c->w[c->i - 2].s;
	size_t len = strcspn(s, "0123456789"), i;
	char name[SCN_IF_MAX + 1], hint[64];
	int64_t v = -1;

	c->st->kind = SCN_IF_CREATE;
	f->unit = -1;
	if (strchr(s, '.') != NULL) { /* PARENT.VLAN */
		f->cloner = s;
		return (scn_check_if(c, c->i - 2, "an interface", s) &&
			create_rest(c, f));
	}
	for (i = 0; i < SCN_NITEMS(cloners); i++)
		if (strlen(cloners[i]) == len &&
		    memcmp(cloners[i], s, len) == 0)
			break;
	if (i == SCN_NITEMS(cloners)) {
		len = len < sizeof(name) ? len : sizeof(name) - 1;
		memcpy(name, s, len);
		name[len] = '\0';
		scn_hint_near(hint, sizeof(hint), name, cloners,
		    SCN_NITEMS(cloners),
		    "one of epair, lo, vlan, bridge, lagg, gif, gre, tap, tun");
		return (scn_cur_fail(c, c->i - 2, hint,
		    "no interface can be cloned from '%.64s'", s));
	}
	if (s[len] != '\0' && (!scn_int_parse(s + len, &v) || v > 32767))
		return (scn_cur_fail(c, c->i - 2,
		    "a unit from 0 to 32767, as in epair0",
		    "'%.64s' is no interface to create", s));
	f->cloner = cloners[i];
	f->unit = (int32_t)v;
	return (create_rest(c, f));
}

/* IF vnet JAIL, IF -vnet JAIL */
static bool
if_vnet(struct scn_cur *c, enum scn_kind kind)
{
	struct scn_ifvnet *v = &c->st->u.ifvnet;

	c->st->kind = kind;
	v->ifname = c->w[c->i - 2].s;
	return (scn_check_if(c, c->i - 2, "an interface", v->ifname) &&
		scn_take_jail(c, "a jail", &v->jail) && scn_take_end(c));
}

bool
scn_parse_ifconfig(struct scn_cur *c)
{
	const struct scn_word *w;

	if (scn_cur_accept(c, "-l")) {
		c->st->kind = SCN_IF_LIST;
		return (scn_take_end(c));
	}
	if (scn_cur_accept(c, "-g")) {
		c->st->kind = SCN_IF_GROUP;
		return (scn_take_if(c, "a group", &c->st->u.name) &&
			scn_take_end(c));
	}
	c->st->kind = SCN_IF_SHOW;
	scn_cur_accept(c, "-a");
	if (scn_cur_done(c))
		return (true);
	w = &c->w[c->i++];
	if (scn_cur_accept(c, "create"))
		return (if_create(c));
	if (scn_cur_accept(c, "vnet"))
		return (if_vnet(c, SCN_IF_VNET));
	if (scn_cur_accept(c, "-vnet"))
		return (if_vnet(c, SCN_IF_UNVNET));
	if (!scn_check_if(c, c->i - 1, "an interface", w->s))
		return (false);
	c->st->u.name = w->s;
	if (scn_cur_done(c))
		return (true);
	if (scn_cur_accept(c, "addr")) {
		c->st->kind = SCN_IF_ADDRS;
		return (scn_take_end(c));
	}
	if (scn_cur_accept(c, "destroy")) {
		c->st->kind = SCN_IF_DESTROY;
		return (scn_take_end(c));
	}
	c->st->kind = SCN_IF_CONF;
	return (conf_all(c, w->s, &c->st->u.ifconf));
}
