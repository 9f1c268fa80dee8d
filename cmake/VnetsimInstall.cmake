# What `cmake --install` puts where: program, modules, library, headers, man
# pages, completion, and what finds the library: vnetsim.pc, a CMake package.
#
# All of it may be moved afterwards: both files find the rest from where they
# themselves lie.  A library directory that is absolute is the exception.
include(CMakePackageConfigHelpers)

set(VNETSIM_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/vnetsim")

# The way from the directory of vnetsim.pc back to the prefix.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(VNETSIM_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" up "${up}")
  set(VNETSIM_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(VNETSIM_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  else()
    set(VNETSIM_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
configure_file("${PROJECT_SOURCE_DIR}/cmake/vnetsim.pc.in"
  "${PROJECT_BINARY_DIR}/vnetsim.pc" @ONLY)
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/vnetsim-config.cmake.in"
  "${PROJECT_BINARY_DIR}/vnetsim-config.cmake"
  INSTALL_DESTINATION "${VNETSIM_PACKAGE_DIR}"
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 the interface may change with every minor version.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/vnetsim-config-version.cmake"
  COMPATIBILITY SameMinorVersion)

install(TARGETS vnetsim EXPORT vnetsim
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT vnetsim NAMESPACE vnetsim::
  FILE vnetsim-targets.cmake DESTINATION "${VNETSIM_PACKAGE_DIR}")
install(FILES "${PROJECT_BINARY_DIR}/vnetsim-config.cmake"
  "${PROJECT_BINARY_DIR}/vnetsim-config-version.cmake"
  DESTINATION "${VNETSIM_PACKAGE_DIR}")
install(FILES "${PROJECT_BINARY_DIR}/vnetsim.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/vnetsim"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

if(TARGET vnetsim_cli)
  install(TARGETS vnetsim_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  if(TARGET vnetsim_module_flow)
    install(TARGETS vnetsim_module_flow
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/vnetsim/modules")
  endif()
  foreach(section 1 5)
    file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.${section}")
    install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
  endforeach()
  install(FILES "${PROJECT_SOURCE_DIR}/completion/vnetsim.bash"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
    RENAME vnetsim)
  install(FILES "${PROJECT_SOURCE_DIR}/completion/_vnetsim"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
endif()
