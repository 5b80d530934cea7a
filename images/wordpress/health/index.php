<?php
// Ready means that it answers with data: a real query, through the database that pages use, on an installed site.
require '/usr/local/lib/wordpress/settings.php';
mysqli_report(MYSQLI_REPORT_OFF);
header('Content-Type: text/plain');
$fail = static function (string $why): never {
    http_response_code(503);
    exit("$why\n");
};
$database = mysqli_init();
$database->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
$connected = @$database->real_connect(
    replica_database_host(),
    replica_setting('WORDPRESS_DB_USER', 'wordpress'),
    replica_setting('WORDPRESS_DB_PASSWORD'),
    replica_setting('WORDPRESS_DB_NAME', 'wordpress'),
);
$connected || $fail('no database: ' . mysqli_connect_error());
$options = preg_replace('/\W/', '', replica_setting('WORDPRESS_TABLE_PREFIX', 'wp_')) . 'options';
$result = $database->query("SELECT option_value FROM $options WHERE option_name = 'siteurl'");
($result && $result->fetch_row()) || $fail('the site is not installed');
echo "ok\n";
