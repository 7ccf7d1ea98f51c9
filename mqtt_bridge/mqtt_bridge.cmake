# SPDX-License-Identifier: GPL-3.0-or-later
# rdv-bridge. Paths are from the root of the tree.
add_library(bridge_core STATIC
    mqtt_bridge/backoff.c mqtt_bridge/bridge.c mqtt_bridge/broker_side.c mqtt_bridge/card_side.c
    mqtt_bridge/message.c mqtt_bridge/standing.c mqtt_bridge/window.c)
target_link_libraries(bridge_core PUBLIC rdv_wire)
