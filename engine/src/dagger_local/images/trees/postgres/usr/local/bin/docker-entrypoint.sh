#!/bin/bash
# Makes the database cluster on the first start, from the variables that the official image knows.
set -euo pipefail
if [[ ${1:-} == -* ]]; then
    set -- postgres "$@"
fi
if [[ ${1:-} != postgres ]]; then
    exec "$@"
fi
if [[ $(id -u) == 0 ]]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi

said() { # the variable, or what the file that NAME_FILE names holds
    local file=${1}_FILE
    if [[ -n ${!file:-} ]]; then cat -- "${!file}"; else printf '%s' "${!1:-}"; fi
}

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    password=$(said POSTGRES_PASSWORD)
    user=$(said POSTGRES_USER)
    user=${user:-postgres}
    database=$(said POSTGRES_DB)
    database=${database:-$user}
    method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
    if [[ -z $password && $method != trust ]]; then
        echo 'Error: Database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD' >&2
        exit 1
    fi
    # shellcheck disable=SC2086 # options, separated by blanks
    initdb --username="$user" --pwfile=<(printf '%s\n' "${password:-unused}") --auth-local=trust \
        --auth-host="$method" --encoding=UTF8 --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=''" start > /dev/null
    run=(psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$user" --no-password)
    if [[ $database != postgres ]]; then
        "${run[@]}" --dbname postgres --set name="$database" <<< 'CREATE DATABASE :"name";'
    fi
    # shellcheck disable=SC1090 # what is sourced is the user's own
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) "${run[@]}" --dbname "$database" --file "$file" ;;
            *.sql.gz) gunzip -c "$file" | "${run[@]}" --dbname "$database" ;;
        esac
    done
    pg_ctl --wait stop > /dev/null
fi
exec "$@"
