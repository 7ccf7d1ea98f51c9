#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rdv profile: from the address that a new guest is handed to a name; keys in files of their own; a
# card that is known by its key.
. "$(dirname "$0")/lib.sh"
command -v expect >/dev/null || exit 77

make_demo_cards key1.com
start_card
start_front
psk=$(key_file root "$demo_psk")
config=$work/home/.config/rdv/config

# Root's profile by a key file of root's own; nothing is there yet.
expect_rdv 0 '' profile list
[ ! -e "$work/home" ] || fail 'looking has made something'
expect_rdv 0 '' profile add home "shellS://key1.com(root)@$front/" -k "$psk"
expect_equal "$(stat -c %a "$config")" 600 'the mode of the configuration'
expect_equal "$(stat -c %a "${config%/*}")" 700 'the mode of its directory'
expect_rdv 0 'RDV keystore 0.1' exec '?00'
expect_rdv 0 "home             root@key1.com at $front" profile list
expect_rdv 0 "profile   home
address   $front
sen       key1.com
identity  root
psk-file  $psk
default   no" profile show home

# A guest's, from the address it was handed, without the key on a command line: asked for, not shown.
printf '\n# my own words ; and signs\n' >>"$config"
rdv guest add bob 'rights=read,echo' records=00 psk=auto >"$work/bob.out" || fail 'guest add'
uri=$(sed -n 's/^uri *//p' "$work/bob.out")
key=$(sed 's/.*:\([0-9A-F]\{64\}\)(.*/\1/' <<<"$uri")
cat >"$work/add.exp" <<'EOF'
set timeout $env(DEADLINE)
spawn -noecho $env(RDV_BIN)/rdv profile add bob --pin --as-default
expect "URI*: " { send "$env(URI)\r" } timeout { exit 9 }
expect eof
exit [lindex [wait] 3]
EOF
URI=$uri DEADLINE=$DEADLINE RDV_BIN=$RDV_BIN HOME=$work/home XDG_CONFIG_HOME='' \
    expect -f "$work/add.exp" >"$work/add.out" 2>&1 || fail 'profile add at a terminal'
expect_has_not "$work/add.out" "$key"
expect_equal "$(stat -c %a "${config%/*}/bob.psk")" 600 "the mode of bob's key"
expect_equal "$(cat "${config%/*}/bob.psk")" "$key" "bob's key"
expect_has_not "$config" "$key"
expect_has "$config" '# my own words ; and signs'
expect_rdv 0 "home             root@key1.com at $front
bob              bob@key1.com at $front (default)" profile list
expect_rdv 77 '' exec 'Z00x' # as bob, who may read
rdv exec @bob '?0A' >"$work/card.key" || fail "bob's session"
expect_has "$config" "card-key = $(cat "$work/card.key")"
expect_has_not <(rdv profile show @bob) "$key"
rdv profile show bob --json >"$work/show.json" || fail 'profile show --json'
expect_has "$work/show.json" '"profile":"bob"'
expect_has "$work/show.json" '"default":"yes"'

# The same from standard input, for a device without a terminal.
printf '%s\r\n' "$uri" | rdv profile add device - || fail 'profile add -'
expect_equal "$(cat "${config%/*}/device.psk")" "$key" "the device's key"
expect_rdv 0 '' exec @device I00
expect_rdv 0 '' profile remove device

# From a file descriptor: the key goes to a file of the profile's own, whatever the umask.
(umask 000 && rdv profile add fd "shellS://key1.com(bob)@$front/" --psk-fd 4 4<<<"$key") || fail 'profile add --psk-fd'
expect_equal "$(stat -c %a "${config%/*}/fd.psk")" 600 'the mode of that key'
expect_equal "$(stat -c %a "$config")" 600 'the mode of the configuration'
expect_rdv 0 '' exec @fd I00
expect_rdv 0 '' profile remove fd

# What is not taken leaves everything as it was.
before=$(fingerprint "$work/home")
expect_unchanged() {
    expect_rdv "$@"
    expect_equal "$(fingerprint "$work/home")" "$before" "what is there after ${*:3}"
}
expect_unchanged 73 '' profile add bob "shellS://key1.com(root)@$front/" -k "$psk"
expect_unchanged 64 '' profile add 'a b' "shellS://key1.com(root)@$front/"
expect_unchanged 64 '' profile add ../x "shellS://key1.com(root)@$front/"
expect_unchanged 64 '' profile add more "shellS://key1.com(root)@HOST:PORT/"
expect_unchanged 64 '' profile add more nonsense
expect_unchanged 65 '' profile add more -
expect_unchanged 78 '' profile add more "shellS://key1.com(a%20%3Bb)@$front/"
expect_unchanged 66 '' profile add more "shellS://key1.com(root)@$front/" -k "$work/none"
expect_unchanged 77 '' profile add more "shellS://key1.com(root)@$front/" -k "$(key_file wrong "$guest_psk")" --pin
expect_unchanged 69 '' profile add more "shellS://key1.com(root)@127.0.0.1:1/" -k "$psk" --pin
expect_unchanged 66 '' profile show nobody
expect_unchanged 66 '' profile remove nobody
expect_unchanged 64 '' profile
expect_unchanged 64 '' profile show
expect_unchanged 64 '' profile paint bob
expect_unchanged 64 '' profile list bob
chmod 644 "$config"
expect_rdv 77 '' profile list
expect_rdv 77 '' profile remove bob
expect_rdv 77 '' profile add more "shellS://key1.com(root)@$front/"
chmod 600 "$config"
expect_equal "$(fingerprint "$work/home")" "$before" 'what is there'

# The address of a guest where the front is not known, and IPv6.
expect_rdv 0 '' profile add six 'shellS://key1.com@[::1]:77/'
rdv profile show six >"$work/six.out"
expect_has "$work/six.out" '[::1]:77'
expect_rdv 0 '' profile add far "shellS://key1.com(root)@HOST:PORT/" --at "$front" -k "$psk"
expect_rdv 0 'RDV keystore 0.1' exec @far '?00'

# A key that was made for a profile goes with it, one that was not stays.
expect_rdv 0 '' profile remove bob
[ ! -e "${config%/*}/bob.psk" ] || fail "bob's key is still there"
expect_rdv 0 '' profile remove home
expect_rdv 0 '' profile remove six
[ -e "$psk" ] || fail "root's key is gone"
expect_rdv 0 'RDV keystore 0.1' exec '?00' # by the one that is left

# Many at once: none is lost.
for i in $(seq 12); do
    rdv profile add "p$i" "shellS://key1.com(root)@$front/" -k "$psk" 2>"$work/p$i.log" &
    pid_of[p$i]=$!
done
for i in $(seq 12); do
    join "p$i"
done
expect_equal "$(rdv profile list | grep -c '^p')" 12 'profiles made at once'

the_end
