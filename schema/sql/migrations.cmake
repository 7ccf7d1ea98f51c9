# SPDX-License-Identifier: GPL-3.0-or-later
# Embeds schema/sql/NNNN_*.sql, in order, as rdv_migrations[]: nothing is read at run time.
set(RDV_MIGRATIONS 0001_mailbox 0002_accounts 0003_keys 0004_posts 0005_log 0006_consumer)

set(out ${PROJECT_BINARY_DIR}/generated/migrations.c)
set(text "#include \"schema/sql/migrations.h\"\n\n")
set(names "")
foreach(name IN LISTS RDV_MIGRATIONS)
    set(file ${PROJECT_SOURCE_DIR}/schema/sql/${name}.sql)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND text "static const char sql_${name}[] = { ${bytes}0 };\n")
    string(APPEND names "    sql_${name},\n")
endforeach()
list(LENGTH RDV_MIGRATIONS count)
string(APPEND text "\nconst char *const rdv_migrations[] = {\n${names}};\n"
                   "const unsigned rdv_n_migrations = ${count};\n")
file(CONFIGURE OUTPUT ${out} CONTENT "${text}" @ONLY)

add_library(rdv_migrations STATIC ${out})
target_link_libraries(rdv_migrations PUBLIC rdv_options)
