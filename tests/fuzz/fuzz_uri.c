/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_uri_parse rdv_uri_format */
#include <rdv/uri.h>

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* What is taken reads back from what is written of it; what is refused leaves nothing and says why,
 * without a key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rdv_uri nothing;
    static char text[RDV_URI_MAX + 1], written[4 * RDV_URI_MAX];
    static struct rdv_uri uri, again;
    struct rdv_why why = { "" };

    if (size > RDV_URI_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (rdv_uri_parse(&uri, text, &why) != RDV_OK) {
        RDV_INVARIANT(why.text[0] != '\0');
        RDV_INVARIANT(memcmp(&uri, &nothing, sizeof(uri)) == 0);
        return 0;
    }
    RDV_INVARIANT(uri.sen[0] != '\0' && uri.record >= -1 && uri.record <= 255);
    RDV_INVARIANT((uri.host[0] == '\0') == (uri.port == 0));
    RDV_INVARIANT(rdv_uri_format(written, sizeof(written), &uri, true) == RDV_OK);
    if (strlen(written) < RDV_URI_MAX) { /* escapes may have made it longer than one may be */
        RDV_INVARIANT(rdv_uri_parse(&again, written, NULL) == RDV_OK);
        RDV_INVARIANT(memcmp(&uri, &again, sizeof(uri)) == 0);
    }
    rdv_uri_wipe(&uri);
    rdv_uri_wipe(&again);
    return 0;
}
