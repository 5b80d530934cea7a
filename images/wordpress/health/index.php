<?php
// Healthy means that it answers with data: a real query, through the database that pages use, on an installed site. Before a replica counts
// as healthy for the first time (/first), the installer must also have recorded its work for this replica's revision.
require '/usr/local/lib/wordpress/settings.php';
header('Content-Type: text/plain');
$fail = static function (string $why): never {
    http_response_code(503);
    exit("$why\n");
};
$database = replica_database();
is_string($database) && $fail("no database: $database");
$options = preg_replace('/\W/', '', replica_setting('WORDPRESS_TABLE_PREFIX', 'wp_')) . 'options';
$option = static function (string $name) use ($database, $options): ?string {
    $result = $database->query("SELECT option_value FROM $options WHERE option_name = '$name'");
    return $result ? ($result->fetch_row()[0] ?? null) : null;
};
$option('siteurl') !== null || $fail('the site is not installed');
$revision = replica_setting('WORDPRESS_REVISION');
if ($revision !== '' && ($_SERVER['REQUEST_URI'] ?? '') === '/first') {
    $recorded = unserialize($option('wordpress_autoscaling_revisions') ?? '', ['allowed_classes' => false]);
    in_array($revision, (array) $recorded, true) || $fail("the installer has not recorded revision $revision");
}
echo "ok\n";
