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

# What a card has published, verified: without TLS, and for those who have no session with it.
add_library(rdv_verify STATIC
    guest_tools/librdv/chain.c guest_tools/librdv/es256k_secp.c guest_tools/librdv/sha256_openssl.c
    guest_tools/librdv/verify.c guest_tools/librdv/verify_state.c)
target_include_directories(rdv_verify PUBLIC guest_tools/include)
target_link_libraries(rdv_verify PUBLIC rdv_wire PRIVATE PkgConfig::SECP256K1 PkgConfig::CRYPTO)

add_library(rdv_guest STATIC
    guest_tools/librdv/client.c guest_tools/librdv/log.c guest_tools/librdv/record.c
    guest_tools/librdv/session.c guest_tools/librdv/socket.c guest_tools/librdv/text.c
    guest_tools/librdv/tls_wolf.c guest_tools/librdv/uri.c guest_tools/librdv/value.c)
target_include_directories(rdv_guest PUBLIC guest_tools/include)
target_link_libraries(rdv_guest PUBLIC rdv_verify PRIVATE PkgConfig::WOLFSSL)

# The same as a shared library: the names it exports are listed.
add_library(librdv SHARED $<TARGET_OBJECTS:rdv_guest> $<TARGET_OBJECTS:rdv_verify>
    guest_tools/librdv/invariant.c)
set_target_properties(librdv PROPERTIES OUTPUT_NAME rdv VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${PROJECT_SOURCE_DIR}/guest_tools/librdv/librdv.map)
target_link_options(librdv PRIVATE
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/guest_tools/librdv/librdv.map)
target_link_libraries(librdv PRIVATE rdv_wire PkgConfig::WOLFSSL PkgConfig::SECP256K1 PkgConfig::CRYPTO)

set(headers
    guest_tools/include/rdv/client.h guest_tools/include/rdv/log.h
    guest_tools/include/rdv/record.h
    guest_tools/include/rdv/session.h guest_tools/include/rdv/uri.h guest_tools/include/rdv/value.h
    guest_tools/include/rdv/verify.h
    ${public}/err.def ${public}/err.h)
configure_file(guest_tools/librdv/rdv.pc.in ${PROJECT_BINARY_DIR}/rdv.pc @ONLY)
install(TARGETS librdv LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT librdv)
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rdv COMPONENT librdv)
install(FILES ${PROJECT_BINARY_DIR}/rdv.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT librdv)

# --- the tool ----------------------------------------------------------------------------------------
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit>=3.1)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)

add_library(rdv_tool STATIC
    guest_tools/rdv/args.c guest_tools/rdv/arguments.c guest_tools/rdv/box_sodium.c
    guest_tools/rdv/bulk.c guest_tools/rdv/complete.c guest_tools/rdv/doctor.c
    guest_tools/rdv/editor_edit.c guest_tools/rdv/exec.c guest_tools/rdv/files.c
    guest_tools/rdv/journal.c guest_tools/rdv/json_jansson.c guest_tools/rdv/lines.c
    guest_tools/rdv/methods.c guest_tools/rdv/pin_secp.c guest_tools/rdv/pin_sodium.c
    guest_tools/rdv/profile.c guest_tools/rdv/profile_edit.c guest_tools/rdv/profile_inih.c
    guest_tools/rdv/profiles.c guest_tools/rdv/progress.c guest_tools/rdv/prompt.c
    guest_tools/rdv/records.c guest_tools/rdv/result.c guest_tools/rdv/seal.c
    guest_tools/rdv/shell.c guest_tools/rdv/tool.c guest_tools/rdv/transfer.c
    guest_tools/rdv/where.c)
# What verifies: the card's log, and what others hand over.
target_sources(rdv_tool PRIVATE
    guest_tools/rdv/ending.c guest_tools/rdv/feed.c guest_tools/rdv/judge.c guest_tools/rdv/log.c
    guest_tools/rdv/memory.c guest_tools/rdv/receipt.c guest_tools/rdv/source.c
    guest_tools/rdv/verdict.c guest_tools/rdv/verify.c guest_tools/rdv/verify_mqtt.c
    guest_tools/rdv/mqtt_paho.c guest_tools/rdv/vigil.c guest_tools/rdv/watch.c)
target_link_libraries(rdv_tool PUBLIC rdv_guest PRIVATE
    rdv_base_paho PkgConfig::EDIT PkgConfig::INIH PkgConfig::JANSSON PkgConfig::SECP256K1
    PkgConfig::SODIUM)

add_executable(rdv guest_tools/rdv/main.c)
target_link_libraries(rdv PRIVATE rdv_tool)
install(TARGETS rdv RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT rdv)
install(FILES guest_tools/completion/rdv.bash RENAME rdv
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT rdv)
