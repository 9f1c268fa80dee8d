#!/bin/sh
# tools/check_refs.py finds bare counters and second writers, and knows reading
# from writing.
needs=
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
check="python3 tools/check_refs.py"
put tools/writers.txt <<'T'
assign t_state src/net/tcp/tcp_fsm.c
assign if_vnet src/net/link/if_vmove.c src/net/link/if.c
count *_refs src/core/ref.c
count *_ref src/core/ref.c
count *_refcnt src/core/ref.c
T

put src/core/ref.c <<'T'
void f(struct x *p) { p->x_refs++; --p->x_refcnt; p->x_ref += 2; }
T
put src/net/tcp/tcp_fsm.c <<'T'
void f(struct tcpcb *tp) { tp->t_state = 3; }
T
put src/net/link/if.c <<'T'
void f(struct ifnet *ifp) { ifp->if_vnet = curvnet; }
T
put src/net/tcp/read.c <<'T'
/* tp->t_state = 1; p->x_refs++ */
static const struct row r[] = { { .t_state = 1, .x_refs = 0 } };
int f(struct tcpcb *tp, struct x *p)
{
	int t_state = tp->t_state, x_refs = 0;

	t_state = 4;
	x_refs++;
	if (tp->t_state == 4 || p->x_refs >= 2 || p->x_refs <= 1 ||
	    p->x_refs != 7)
		tp->t_statement = p->x_refsomething++;
	p->x_refs->count++;
	p->count = --p->x_refs_total;
	return (t_state + tp->t_state + x_refs - p->x_refs);
}
T
clean "the tree before anything is planted"

for code in 'p->x_refs++' 'p->x_refs--' '++p->x_refs' '--p->x_refs' \
    'p->x_refs += 2' 'p->x_refs -= 1' 'p->q.y_refcnt++' 'p[1].x_ref++' \
    '++p->q[2].y_ref' 'f(p)->x_refs++' 'p->x_refs[3]++' '--(p->x_refs)'; do
	echo "void f(struct x *p) { $code; }" | put src/net/ip/bad.c
	caught "$code" "src/net/ip/bad.c:1:" "is a bare counter"
done
for code in 'tp->t_state = 1' 'tp->t_state |= 1' 'tp->t_state++' \
    'inp->tp->t_state=TCPS_CLOSED' 'tp[0].t_state = 1' '--tp->t_state' \
    'tp->t_state <<= 1'; do
	echo "void f(struct x *p) { $code; }" | put src/net/tcp/bad.c
	caught "$code" "src/net/tcp/bad.c:1: t_state is assigned here"
done
rm src/net/tcp/bad.c
echo 'void f(struct x *p) { p->if_vnet = 0; }' | put src/net/ip/bad.c
caught "if_vnet" "src/net/ip/bad.c:1: if_vnet is assigned here" \
    "src/net/link/if_vmove.c src/net/link/if.c"
rm src/net/ip/bad.c
echo 'assign t_state' >>tools/writers.txt
caught "a rule without file" "tools/writers.txt:6: not a rule"
finish
