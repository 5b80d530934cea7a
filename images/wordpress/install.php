<?php
/**
 * Installs the site once, under a database lock; upgrades the database when the image brought a newer WordPress; sets the
 * administrator's password when the stack's differs from the one that was last set from here, and leaves one that was changed in
 * WordPress alone otherwise. Runs before the replicas of a revision start. Exit 0: the site is installed; 75: the database is not there yet.
 */
require '/usr/local/lib/wordpress/settings.php';
$database = replica_database();
if (is_string($database)) {
    fwrite(STDERR, "no database: $database\n");
    exit(75);
}
$database->close();

define('WP_INSTALLING', true);
// WordPress ends the script with status 0 when it finds no database: only the last line below makes that true.
$installed = false;
register_shutdown_function(static function () use (&$installed): void {
    $installed || exit(1);
});
// Nothing is sent from here: no mail to the administrator, no request that tries out permalinks.
function wp_new_blog_notification(): void
{
}
require '/var/www/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_http_request', static fn () => new WP_Error('installing', 'no requests during the installation'));

global $wpdb, $wp_db_version;
if ($wpdb->get_var("SELECT GET_LOCK('wordpress-install', 120)") !== '1') {
    fwrite(STDERR, "another installer has held the lock for 120 s\n");
    exit(1);
}
$user_name = replica_setting('WORDPRESS_ADMIN_USER', 'admin');
$password = replica_setting('WORDPRESS_ADMIN_PASSWORD');
$mark = 'wordpress_autoscaling_admin_password';

if (!is_blog_installed()) {
    wp_install(replica_setting('WORDPRESS_TITLE', 'WordPress'), $user_name, replica_setting('WORDPRESS_ADMIN_EMAIL'), true, '', $password);
    update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
    update_option($mark, wp_hash_password($password), false);
    echo "installed\n";
} elseif ((int) get_option('db_version') !== (int) $wp_db_version) {
    wp_upgrade();
    echo "database upgraded\n";
}

$user = get_user_by('login', $user_name);
if ($user === false) {
    $id = wp_insert_user([
        'user_login' => $user_name,
        'user_pass' => $password,
        'user_email' => replica_setting('WORDPRESS_ADMIN_EMAIL'),
        'role' => 'administrator',
    ]);
    if (is_wp_error($id)) {
        fwrite(STDERR, "cannot add {$user_name}: {$id->get_error_message()}\n");
        exit(1);
    }
    update_option($mark, wp_hash_password($password), false);
    echo "administrator added\n";
} elseif (!wp_check_password($password, (string) get_option($mark, ''))) {
    wp_set_password($password, $user->ID);
    update_option($mark, wp_hash_password($password), false);
    echo "administrator's password set\n";
}
flush_rewrite_rules(false);
// A query that failed, on a full disk for one, has only been logged: what counts is what the database holds now.
wp_cache_flush();
if (!is_blog_installed() || !get_user_by('login', $user_name) || !wp_check_password($password, (string) get_option($mark, ''))) {
    fwrite(STDERR, "the installation is incomplete; the database's last error: " . ($wpdb->last_error ?: 'none') . "\n");
    exit(1);
}
$wpdb->query("SELECT RELEASE_LOCK('wordpress-install')");
$installed = true;
