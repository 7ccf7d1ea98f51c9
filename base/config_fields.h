/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside a struct: the fields of the list named by RDV_CONFIG_LIST. No include guard: see config.h.
 */
#define INT(field, low, high, number, help) long field;
#define TEXT(field, text, help) char field[RDV_CONFIG_TEXT];
#define FLAG(field, help) bool field;
#define LIST(field, help) struct rdv_config_list field;
#include RDV_CONFIG_LIST
#undef INT
#undef TEXT
#undef FLAG
#undef LIST
#undef RDV_CONFIG_LIST
