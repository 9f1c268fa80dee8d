# Cross compile for s390x, which is big-endian, and run it with qemu-user:
#
#   cmake -DCMAKE_TOOLCHAIN_FILE=tools/port/s390x.cmake
#         -DS390X_CMOCKA=directory of an unpacked libcmocka ...
#
# ./dev s390x does all of it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(S390X_CMOCKA "" CACHE PATH "usr/ of libcmocka for s390x, for the tests")
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH /usr/s390x-linux-gnu)

find_program(S390X_QEMU NAMES qemu-s390x-static qemu-s390x REQUIRED)
set(libraries "${S390X_CMOCKA}/lib/s390x-linux-gnu")
set(CMAKE_CROSSCOMPILING_EMULATOR "${S390X_QEMU};-L;/usr/s390x-linux-gnu;-E;\
LD_LIBRARY_PATH=${libraries}")

# Nothing of this machine's libraries.
set(CMAKE_DISABLE_FIND_PACKAGE_PkgConfig ON)
set(vnetsim_cmocka_lib_INCLUDE "${S390X_CMOCKA}/include" CACHE PATH "")
set(vnetsim_cmocka_lib_LIBRARY "${libraries}/libcmocka.so.0" CACHE PATH "")
