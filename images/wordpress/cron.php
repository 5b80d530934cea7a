<?php
// Runs what is due, once in the whole stack: a second runner finds the lock taken and leaves.
require '/var/www/wordpress/wp-load.php';
global $wpdb;
if ($wpdb->get_var("SELECT GET_LOCK('wordpress-cron', 0)") === '1') {
    require ABSPATH . 'wp-cron.php';
}
