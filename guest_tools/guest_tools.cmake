# SPDX-License-Identifier: GPL-3.0-or-later
# librdv, and the tool rdv on top of it. Paths are from the root of the tree.
include(GNUInstallDirs)

# What base/ shares with users of the library is installed beside the library's own headers.
set(public ${PROJECT_BINARY_DIR}/generated/rdv)
file(READ base/err.h text)
string(REPLACE "\"base/err.def\"" "<rdv/err.def>" text "${text}")
file(CONFIGURE OUTPUT ${public}/err.h CONTENT "${text}" @ONLY)
configure_file(base/err.def ${public}/err.def COPYONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS base/err.h)

add_library(rdv_guest STATIC
    guest_tools/librdv/client.c guest_tools/librdv/session.c guest_tools/librdv/socket.c
    guest_tools/librdv/text.c guest_tools/librdv/tls_wolf.c guest_tools/librdv/uri.c)
target_include_directories(rdv_guest PUBLIC guest_tools/include)
target_link_libraries(rdv_guest PUBLIC rdv_wire PRIVATE PkgConfig::WOLFSSL)

# --- the tool ----------------------------------------------------------------------------------------
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)

add_library(rdv_tool STATIC
    guest_tools/rdv/args.c guest_tools/rdv/exec.c guest_tools/rdv/json_jansson.c
    guest_tools/rdv/profile.c guest_tools/rdv/profile_inih.c guest_tools/rdv/prompt.c
    guest_tools/rdv/tool.c guest_tools/rdv/where.c)
target_link_libraries(rdv_tool PUBLIC rdv_guest PRIVATE PkgConfig::INIH PkgConfig::JANSSON)

add_executable(rdv guest_tools/rdv/main.c)
target_link_libraries(rdv PRIVATE rdv_tool)
