# Compiler settings that hold for every target.
#
# Same bytes from every compiler and directory: -fmacro-prefix-map makes
# __FILE__ relative to the repository, and no option may change a result.
# Asserts of the library do not look at NDEBUG; it is never defined anyway.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELEASE "-O3 -g")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -fno-omit-frame-pointer
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(VNETSIM_WERROR)
  add_compile_options(-Werror)
endif()
if(VNETSIM_CHECKING)
  add_compile_definitions(VNETSIM_CHECKING=1)
endif()

if(VNETSIM_SANITIZE)
  add_compile_options("-fsanitize=${VNETSIM_SANITIZE}"
    -fno-sanitize-recover=all)
  add_link_options("-fsanitize=${VNETSIM_SANITIZE}")
endif()
# Many small functions call each other across files: a quarter of what a vnet's
# life costs, a sixth of a segment (docs/BENCHMARKS.md).
if(VNETSIM_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT VNETSIM_HAVE_LTO LANGUAGES C)
  if(VNETSIM_HAVE_LTO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "no optimisation across files: the compiler cannot")
  endif()
endif()

if(VNETSIM_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "VNETSIM_FUZZ needs clang: -DCMAKE_C_COMPILER=clang")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(VNETSIM_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()

# A dump of a world is read by the program that made it: by its build id.
include(CheckLinkerFlag)
check_linker_flag(C "-Wl,--build-id" VNETSIM_HAVE_BUILD_ID)
if(VNETSIM_HAVE_BUILD_ID)
  add_link_options("-Wl,--build-id")
endif()

# What sim/ and the host part need to see of the operating system's headers
# under -std=c11.  src/ gets none of it.  FreeBSD shows everything by default.
set(VNETSIM_OS_DEFINITIONS)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(VNETSIM_OS_DEFINITIONS _DEFAULT_SOURCE=1)
elseif(APPLE)
  set(VNETSIM_OS_DEFINITIONS _DARWIN_C_SOURCE=1)
endif()
