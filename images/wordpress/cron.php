<?php
// Runs what is due, once in the whole stack: a second runner finds the lock taken and leaves.
require '/var/www/wordpress/wp-load.php';
global $wpdb;
$lock = $wpdb->get_var("SELECT GET_LOCK('wordpress-cron', 0)");
if ($lock === null) {
    exit(1);
}
// For the health check, by a clock that nobody sets: wp-cron.php does not return.
file_put_contents('/tmp/cron-ran', strtok(file_get_contents('/proc/uptime'), '.') . "\n");
if ($lock === '1') {
    require ABSPATH . 'wp-cron.php';
}
