# The libraries that vnetsim stands on.
#
#   uthash          header; a private copy in third/, because -I/usr/include
#                   poisons musl and every cross build
#   vnetsim_event   libevent_core, found by pkg-config: neither Debian nor
#                   FreeBSD nor Homebrew ship usable CMake files
#   vnetsim_pcap    libpcap, by pkg-config or by looking (the macOS SDK has
#                   no .pc file)
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

if(VNETSIM_SIM)
  vnetsim_find(vnetsim_event libevent_core event2/event.h event_core)
  vnetsim_find(vnetsim_pcap libpcap pcap/pcap.h pcap)
endif()
