/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_config_read rdv_config_print */
#include "base/config.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

struct values {
#define RDV_CONFIG_LIST "rdv_server/config.def"
#include "base/config_fields.h"
};

static const struct rdv_option options[] = {
#define RDV_CONFIG_LIST "rdv_server/config.def"
#define RDV_CONFIG_OWNER values
#include "base/config_options.h"
};

static struct values values;

static const struct rdv_config config = {
    .program = "fuzz",
    .options = options,
    .n = sizeof(options) / sizeof(options[0]),
    .values = &values,
    .size = sizeof(values),
};

/* A file that is refused changes nothing and says why; one that is taken reads back from what is
 * printed of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_buf printed = RDV_BUF(RDV_CONFIG_FILE);
    struct values before;
    char why[400];

    rdv_config_defaults(&config);
    before = values;
    if (rdv_config_read(&config, (struct rdv_span){ data, size }, "f", why, sizeof(why)) !=
        RDV_OK) {
        RDV_INVARIANT(memcmp(&before, &values, sizeof(values)) == 0);
        RDV_INVARIANT(why[0] != '\0');
        return 0;
    }
    before = values;
    RDV_INVARIANT(rdv_config_print(&config, &printed) == RDV_OK);
    rdv_config_defaults(&config);
    RDV_INVARIANT(rdv_config_read(&config, rdv_buf_view(&printed), "f", why, sizeof(why)) ==
                  RDV_OK);
    RDV_INVARIANT(memcmp(&before, &values, sizeof(values)) == 0);
    rdv_buf_free(&printed);
    return 0;
}
