# SPDX-License-Identifier: GPL-3.0-or-later
# rdv-bridge. Paths are from the root of the tree.
add_library(bridge_core STATIC
    mqtt_bridge/backoff.c mqtt_bridge/bridge.c mqtt_bridge/broker_side.c
    mqtt_bridge/card_side.c mqtt_bridge/feed.c mqtt_bridge/message.c mqtt_bridge/standing.c
    mqtt_bridge/window.c)
target_link_libraries(bridge_core PUBLIC rdv_guest)

add_executable(rdv-bridge
    mqtt_bridge/card_uv.c mqtt_bridge/dry_run.c mqtt_bridge/main.c mqtt_bridge/mqtt_paho.c
    mqtt_bridge/run_uv.c)
target_link_libraries(rdv-bridge PRIVATE bridge_core rdv_base_uv rdv_base_paho)
install(TARGETS rdv-bridge RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT rdv-bridge)
