/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside an array of struct rdv_option: the options of the list named by RDV_CONFIG_LIST, whose
 * fields are in struct RDV_CONFIG_OWNER. No include guard: see config.h. */
#define INT(field, low, high, number, help)                                                      \
    {                                                                                            \
        #field, RDV_OPTION_INT, offsetof(struct RDV_CONFIG_OWNER, field), low, high, number, "", \
        help                                                                                     \
    },
#define TEXT(field, text, help) \
    { #field, RDV_OPTION_TEXT, offsetof(struct RDV_CONFIG_OWNER, field), 0, 0, 0, text, help },
#define FLAG(field, help) \
    { #field, RDV_OPTION_FLAG, offsetof(struct RDV_CONFIG_OWNER, field), 0, 0, 0, "", help },
#define LIST(field, help) \
    { #field, RDV_OPTION_LIST, offsetof(struct RDV_CONFIG_OWNER, field), 0, 0, 0, "", help },
#include RDV_CONFIG_LIST
#undef INT
#undef TEXT
#undef FLAG
#undef LIST
#undef RDV_CONFIG_OWNER
#undef RDV_CONFIG_LIST
