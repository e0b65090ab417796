#!/bin/bash
# Makes the system's tables on the first start, from the variables that the official image knows.
set -euo pipefail
if [[ ${1:-} == -* ]]; then
    set -- mariadbd "$@"
fi
if [[ ${1:-} != mariadbd && ${1:-} != mysqld ]]; then
    exec "$@"
fi
shift
data=/var/lib/mysql

said() { # MARIADB_NAME or MYSQL_NAME, or what the file that NAME_FILE names holds
    local name file
    for name in "MARIADB_$1" "MYSQL_$1"; do
        file=${name}_FILE
        if [[ -n ${!file:-} ]]; then cat -- "${!file}"; return; fi
        if [[ -n ${!name:-} ]]; then printf '%s' "${!name}"; return; fi
    done
}
text() { local quoted=${1//\\/\\\\}; printf "'%s'" "${quoted//\'/\'\'}"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }

mkdir -p "$data" /run/mysqld
chown -R mysql:mysql "$data" /run/mysqld
if [[ ! -d $data/mysql ]]; then
    root=$(said ROOT_PASSWORD)
    database=$(said DATABASE)
    user=$(said USER)
    password=$(said PASSWORD)
    if [[ -z $root && -z $(said ALLOW_EMPTY_ROOT_PASSWORD)$(said ALLOW_EMPTY_PASSWORD)$(said RANDOM_ROOT_PASSWORD) ]]; then
        echo 'Error: Database is uninitialized and password option is not specified: set MARIADB_ROOT_PASSWORD' >&2
        exit 1
    fi
    if [[ -z $root && -n $(said RANDOM_ROOT_PASSWORD) ]]; then
        root=$(head -c 24 /dev/urandom | base64)
        echo "GENERATED ROOT PASSWORD: $root"
    fi
    mariadb-install-db --user=mysql --datadir="$data" --skip-test-db --auth-root-authentication-method=normal > /dev/null
    socket=/run/mysqld/first.sock
    mariadbd --user=mysql --skip-networking --socket="$socket" &
    first=$!
    until mariadb-admin --socket="$socket" --user=root ping &> /dev/null; do
        kill -0 "$first" || exit 1
        sleep 0.1
    done
    {
        if [[ -n $database ]]; then echo "CREATE DATABASE IF NOT EXISTS $(name "$database");"; fi
        if [[ -n $user ]]; then
            echo "CREATE USER $(text "$user")@'%' IDENTIFIED BY $(text "$password");"
            if [[ -n $database ]]; then echo "GRANT ALL ON $(name "$database").* TO $(text "$user")@'%';"; fi
        fi
    } | mariadb --socket="$socket" --user=root
    # shellcheck disable=SC1090 # what is sourced is the user's own
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
            *.sql) mariadb --socket="$socket" --user=root ${database:+"$database"} < "$file" ;;
            *.sql.gz) gunzip -c "$file" | mariadb --socket="$socket" --user=root ${database:+"$database"} ;;
        esac
    done
    {
        echo "CREATE OR REPLACE USER root@'%' IDENTIFIED BY $(text "$root");"
        echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
        echo "SET PASSWORD FOR root@localhost = PASSWORD($(text "$root"));"
        echo "SHUTDOWN;"
    } | mariadb --socket="$socket" --user=root
    wait "$first"
fi
exec mariadbd --user=mysql "$@"
