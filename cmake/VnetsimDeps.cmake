# The libraries that vnetsim stands on.
#
#   uthash          header; a private copy in third/, because -I/usr/include
#                   poisons musl and every cross build
#   vnetsim_event   libevent_core, found by pkg-config: neither Debian nor
#                   FreeBSD nor Homebrew ship usable CMake files
#   vnetsim_pcap    libpcap, by pkg-config or by looking (the macOS SDK has
#                   no .pc file)
#   vnetsim_no_library   nothing, for the two above when they are not wanted
#   vnetsim_cmocka_lib   CMocka, for the tests; made by tests/CMakeLists.txt

find_path(UTHASH_INCLUDE_DIR uthash.h)
if(NOT UTHASH_INCLUDE_DIR)
  message(FATAL_ERROR "uthash.h not found; install uthash-dev, uthash-devel "
    "or uthash, or set UTHASH_INCLUDE_DIR (./dev build installs it)")
endif()
set(VNETSIM_THIRD_DIR "${PROJECT_BINARY_DIR}/third")
file(COPY "${UTHASH_INCLUDE_DIR}/uthash.h" DESTINATION "${VNETSIM_THIRD_DIR}")

# vnetsim_find(target pkg-config-module header library): by pkg-config, else
# by looking for header and library.
function(vnetsim_find target module header library)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(PC_${target} QUIET IMPORTED_TARGET "${module}")
  endif()
  add_library(${target} INTERFACE)
  if(PC_${target}_FOUND)
    target_link_libraries(${target} INTERFACE PkgConfig::PC_${target})
    return()
  endif()
  find_path(${target}_INCLUDE ${header})
  find_library(${target}_LIBRARY ${library})
  if(NOT ${target}_INCLUDE OR NOT ${target}_LIBRARY)
    message(FATAL_ERROR "${module} not found (${header}, lib${library}); "
      "./dev build and ./dev test install what is missing")
  endif()
  if(NOT ${target}_INCLUDE STREQUAL "/usr/include")
    target_include_directories(${target} SYSTEM INTERFACE
      "${${target}_INCLUDE}")
  endif()
  target_link_libraries(${target} INTERFACE "${${target}_LIBRARY}")
endfunction()

# Either library can be left out of the program; one file stands for what it
# would have done: see docs/PORTABILITY.md.
set(VNETSIM_LEFT_OUT)
add_library(vnetsim_no_library INTERFACE)
if(VNETSIM_SIM AND VNETSIM_WITH_LIBEVENT)
  vnetsim_find(vnetsim_event libevent_core event2/event.h event_core)
  list(APPEND VNETSIM_LEFT_OUT "${PROJECT_SOURCE_DIR}/sim/workers_none.c")
else()
  add_library(vnetsim_event ALIAS vnetsim_no_library)
  list(APPEND VNETSIM_LEFT_OUT "${PROJECT_SOURCE_DIR}/sim/workers.c")
endif()
if(VNETSIM_SIM AND VNETSIM_WITH_LIBPCAP)
  vnetsim_find(vnetsim_pcap libpcap pcap/pcap.h pcap)
  list(APPEND VNETSIM_LEFT_OUT "${PROJECT_SOURCE_DIR}/sim/pcap_none.c")
else()
  add_library(vnetsim_pcap ALIAS vnetsim_no_library)
  list(APPEND VNETSIM_LEFT_OUT "${PROJECT_SOURCE_DIR}/sim/capture_pcap.c"
    "${PROJECT_SOURCE_DIR}/sim/capture_foreign.c"
    "${PROJECT_SOURCE_DIR}/sim/capture_filter.c")
endif()
