<?php
require_once '/usr/local/lib/wordpress/settings.php';

define('DB_NAME', replica_setting('WORDPRESS_DB_NAME', 'wordpress'));
define('DB_USER', replica_setting('WORDPRESS_DB_USER', 'wordpress'));
define('DB_PASSWORD', replica_setting('WORDPRESS_DB_PASSWORD'));
define('DB_HOST', replica_database_host());
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = replica_setting('WORDPRESS_TABLE_PREFIX', 'wp_');

// The same for every replica: a cookie that one of them signed is good at all of them.
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $key) {
    define($key, replica_setting("WORDPRESS_$key"));
}

// nginx overwrites these headers and answers for the site's names alone.
if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
    $_SERVER['HTTPS'] = 'on';
}
$site_url = replica_setting('WORDPRESS_URL', 'http://localhost');
$site_names = explode(' ', replica_setting('WORDPRESS_SERVER_NAMES', 'localhost'));
if (isset($_SERVER['HTTP_HOST']) && in_array(strtolower(strtok($_SERVER['HTTP_HOST'], ':')), $site_names, true)) {
    $site_url = (($_SERVER['HTTPS'] ?? '') === 'on' ? 'https://' : 'http://') . strtolower($_SERVER['HTTP_HOST']);
}
define('WP_HOME', $site_url);
define('WP_SITEURL', $site_url);

// Code comes with the image, never through the web; one runner does cron for all replicas.
define('DISALLOW_FILE_MODS', true);
define('DISALLOW_FILE_EDIT', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_AUTO_UPDATE_CORE', false);
define('DISABLE_WP_CRON', true);
define('WP_DEBUG', false);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
