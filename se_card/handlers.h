/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of the table in commands.c run; each parses what its language gives it and calls
 * the core. Same shape for all: see se_handler. */
#ifndef RDV_SE_CARD_HANDLERS_H
#define RDV_SE_CARD_HANDLERS_H

#include "se_card/commands.h"

#define SE_HANDLER(name) \
    enum rdv_err name(struct se_session *s, struct se_answer *answer, struct se_request *rq)

/* shell.c: TLS-SE */
SE_HANDLER(se_shell_version);
SE_HANDLER(se_shell_echo_text);
SE_HANDLER(se_shell_disconnect);
SE_HANDLER(se_shell_root_identity);
SE_HANDLER(se_shell_select_guest);
SE_HANDLER(se_shell_set_psk);
SE_HANDLER(se_shell_get_psk);
SE_HANDLER(se_shell_set_flags);
SE_HANDLER(se_shell_set_rights);
SE_HANDLER(se_shell_change_root_psk);
SE_HANDLER(se_shell_echo_bytes);
SE_HANDLER(se_shell_read_record);
SE_HANDLER(se_shell_write_record);

/* shell_identity.c: the card itself */
SE_HANDLER(se_shell_identity);
SE_HANDLER(se_shell_certificate);
SE_HANDLER(se_shell_authenticate);
SE_HANDLER(se_shell_set_certificate);
SE_HANDLER(se_shell_set_wrap_1);
SE_HANDLER(se_shell_set_wrap_2);
SE_HANDLER(se_shell_set_psk3);
SE_HANDLER(se_shell_binder);
SE_HANDLER(se_shell_derive);
SE_HANDLER(se_shell_derive_confirmed);

/* shell_keys.c */
SE_HANDLER(se_shell_wrap_older);
SE_HANDLER(se_shell_wrap);
SE_HANDLER(se_shell_unwrap);
SE_HANDLER(se_shell_clear);
SE_HANDLER(se_shell_clear_p256);
SE_HANDLER(se_shell_generate);
SE_HANDLER(se_shell_generate_p256);
SE_HANDLER(se_shell_public);
SE_HANDLER(se_shell_set_public);
SE_HANDLER(se_shell_private);
SE_HANDLER(se_shell_set_private);
SE_HANDLER(se_shell_sign);
SE_HANDLER(se_shell_set_secret);
SE_HANDLER(se_shell_read_secret);
SE_HANDLER(se_shell_derive_key);
SE_HANDLER(se_shell_hmac256);
SE_HANDLER(se_shell_hmac512);
SE_HANDLER(se_shell_hmac_text);
SE_HANDLER(se_shell_encrypt);
SE_HANDLER(se_shell_decrypt);
SE_HANDLER(se_shell_rsa_private);
SE_HANDLER(se_shell_rsa_public);

/* words_session.c */
SE_HANDLER(se_words_help);
SE_HANDLER(se_words_whoami);
SE_HANDLER(se_words_info);
SE_HANDLER(se_words_session_list);
SE_HANDLER(se_words_session_end);
SE_HANDLER(se_words_echo);
SE_HANDLER(se_words_rekey);

/* words_guest.c */
SE_HANDLER(se_words_guest_add);
SE_HANDLER(se_words_guest_set);
SE_HANDLER(se_words_guest_show);
SE_HANDLER(se_words_guest_list);
SE_HANDLER(se_words_guest_enable);
SE_HANDLER(se_words_guest_disable);
SE_HANDLER(se_words_guest_delete);
SE_HANDLER(se_words_guest_rotate);
SE_HANDLER(se_words_guest_unlock);
SE_HANDLER(se_words_guest_psk);

/* words_record.c */
SE_HANDLER(se_words_record_list);
SE_HANDLER(se_words_record_show);
SE_HANDLER(se_words_record_set);
SE_HANDLER(se_words_record_clear);
SE_HANDLER(se_words_put);
SE_HANDLER(se_words_post);
SE_HANDLER(se_words_get);

/* words_key.c, words_key_use.c */
SE_HANDLER(se_words_key_list);
SE_HANDLER(se_words_key_show);
SE_HANDLER(se_words_key_attest);
SE_HANDLER(se_words_key_generate);
SE_HANDLER(se_words_key_import);
SE_HANDLER(se_words_key_derive);
SE_HANDLER(se_words_key_hold);
SE_HANDLER(se_words_key_clear);
SE_HANDLER(se_words_key_export);
SE_HANDLER(se_words_key_sign);
SE_HANDLER(se_words_key_hmac);
SE_HANDLER(se_words_key_encrypt);
SE_HANDLER(se_words_key_decrypt);
SE_HANDLER(se_words_key_rsa);
SE_HANDLER(se_words_key_wrap);
SE_HANDLER(se_words_key_unwrap);

/* words_identity.c */
SE_HANDLER(se_words_identity);
SE_HANDLER(se_words_identity_prove);
SE_HANDLER(se_words_identity_certify);
SE_HANDLER(se_words_wrap_set);
SE_HANDLER(se_words_handshake_set);
SE_HANDLER(se_words_handshake_binder);
SE_HANDLER(se_words_handshake_secret);

/* words_log.c */
SE_HANDLER(se_words_receipt);
SE_HANDLER(se_words_log);
SE_HANDLER(se_words_wait);
SE_HANDLER(se_words_ack);
SE_HANDLER(se_words_consumer_list);
SE_HANDLER(se_words_consumer_show);
SE_HANDLER(se_words_consumer_add);
SE_HANDLER(se_words_consumer_drop);
SE_HANDLER(se_words_consumer_skip);
SE_HANDLER(se_words_head);
SE_HANDLER(se_words_identity_keys);

/* words_confirm.c */
SE_HANDLER(se_words_confirm);
SE_HANDLER(se_words_confirm_list);
SE_HANDLER(se_words_confirm_account);

/* words_audit.c */
SE_HANDLER(se_words_audit);
SE_HANDLER(se_words_backup);
SE_HANDLER(se_words_restore_accept);

#endif
