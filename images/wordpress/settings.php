<?php
/** A setting from the environment or from the file that NAME_FILE names, as in the official images. */
function replica_setting(string $name, string $default = ''): string
{
    $file = getenv("{$name}_FILE");
    if ($file !== false && $file !== '') {
        return rtrim((string) file_get_contents($file), "\r\n");
    }
    $value = getenv($name);
    return $value === false ? $default : $value;
}

/**
 * Where MySQL is: the last good answer of Consul's DNS, which a loop in this container keeps (see entrypoint), so that no page ever
 * waits for a DNS server that is down; before the first answer, the name itself.
 */
function replica_database_host(): string
{
    $address = @file_get_contents('/var/lib/wordpress-replica/mysql');
    return $address === false || $address === '' ? replica_setting('WORDPRESS_DB_HOST', 'mysql.service.consul') : $address;
}

/** A connection to the database that pages use, or why there is none. */
function replica_database(): mysqli|string
{
    mysqli_report(MYSQLI_REPORT_OFF);
    $database = mysqli_init();
    $database->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
    $connected = @$database->real_connect(
        replica_database_host(),
        replica_setting('WORDPRESS_DB_USER', 'wordpress'),
        replica_setting('WORDPRESS_DB_PASSWORD'),
        replica_setting('WORDPRESS_DB_NAME', 'wordpress'),
    );
    return $connected ? $database : (string) mysqli_connect_error();
}
