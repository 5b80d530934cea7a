<?php
/**
 * Renders the front page once as a visitor gets it, with all plugins and the theme loaded, and records in the database that the
 * installer's work for this revision is done: no replica of it is ready before. Runs after install.php, in a process of its own, since
 * WordPress loads no plugins while it installs. Exit 0: recorded.
 */
define('WP_USE_THEMES', true);
// A fault is this process's to report: no mail to the administrator, no recovery mode.
define('WP_DISABLE_FATAL_ERROR_HANDLER', true);
require '/usr/local/lib/wordpress/settings.php';

$url = parse_url(replica_setting('WORDPRESS_URL', 'http://localhost'));
$_SERVER = array_merge($_SERVER, [
    'HTTP_HOST' => $url['host'] . (isset($url['port']) ? ":{$url['port']}" : ''),
    'HTTP_X_FORWARDED_PROTO' => $url['scheme'],
    'SERVER_NAME' => $url['host'],
    'SERVER_PROTOCOL' => 'HTTP/1.1',
    'REQUEST_METHOD' => 'GET',
    'REQUEST_URI' => '/',
    'REMOTE_ADDR' => '127.0.0.1',
]);

// Whatever ends the page, a redirect's exit or a fatal error, ends up here; so does wp_die, by its status.
register_shutdown_function(static function (): void {
    while (ob_get_level() > 0) {
        ob_end_clean();
    }
    $error = error_get_last();
    $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
    if ($error !== null && ($error['type'] & $fatal) !== 0) {
        fwrite(STDERR, "the front page ends with an error: {$error['message']} in {$error['file']} on line {$error['line']}\n");
        exit(1);
    }
    $status = http_response_code();
    if (!did_action('wp_loaded') || (is_int($status) && $status >= 500)) {
        fwrite(STDERR, 'the front page answers ' . (is_int($status) ? $status : 'nothing') . "\n");
        exit(1);
    }
    $revision = replica_setting('WORDPRESS_REVISION');
    $recorded = get_option('wordpress_autoscaling_revisions', []);
    $others = array_diff(is_array($recorded) ? $recorded : [], [$revision]);
    // More than any site goes back; the list does not grow for ever.
    $kept = [...array_slice($others, -50), $revision];
    if (array_values((array) $recorded) !== $kept && !update_option('wordpress_autoscaling_revisions', $kept, false)) {
        fwrite(STDERR, "the database does not take the record of revision $revision\n");
        exit(1);
    }
    echo "the front page is served; revision $revision is recorded\n";
    exit(0);
});
ob_start();
require '/var/www/wordpress/wp-blog-header.php';
